"""JMESPath expressions as rules: those that select fields, such as `spec.containers[?name=='web'].image`.

JMESPath gives values, not places. So its own parser reads the expression, and the parts that lead from a place to
places below it are followed here; filters are JMESPath's own. (https://jmespath.org/specification.html)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.expression import Expression
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import Path

JSON = Any
Node = Any  # a node of jmespath's syntax tree: `type`, `children` and, for some, `value`
Places = Iterator[tuple[Path, JSON]]

_LEADS_ON = {
    "field", "index", "subexpression", "index_expression", "projection", "value_projection", "filter_projection",
    "flatten", "identity", "current",
}  # fmt: skip


def parse(expression: str) -> Node:
    """Its syntax tree. Raises InvalidInput for one that is no JMESPath, or selects no fields."""
    tree: Node = Expression("ignore", expression).tree
    strange = _what_leads_nowhere(tree)
    if strange:
        raise InvalidInput(
            "ignore",
            f"{expression!r} computes a value ({strange}) and so names no field",
            "Use names, [n], [*], [?filter] and .* only, such as spec.containers[?name=='web'].image",
        )
    return tree


def find(tree: Node, document: JSON) -> list[Path]:
    """The paths of all fields it selects in a document."""
    return [path for path, _value in _follow(tree, (), document)]


def has_index(tree: Node) -> bool:
    """Whether it counts items, as in `ports[0]`."""
    return tree["type"] == "index" or any(has_index(child) for child in tree["children"])


def _what_leads_nowhere(node: Node) -> str:
    if node["type"] not in _LEADS_ON:
        return str(node["type"])
    is_filter = node["type"] == "filter_projection"  # its third child is the condition, which may be anything
    on_the_way = node["children"][:2] if is_filter else node["children"]
    return next((found for child in on_the_way if (found := _what_leads_nowhere(child))), "")


def _follow(node: Node, path: Path, value: JSON) -> Places:
    children = node["children"]
    kind = node["type"]
    if kind in ("identity", "current"):
        yield path, value
    elif kind == "field":
        if isinstance(value, dict) and node["value"] in value:
            yield (*path, node["value"]), value[node["value"]]
    elif kind == "index":
        if isinstance(value, list) and -len(value) <= node["value"] < len(value):
            place = node["value"] % len(value)
            yield (*path, place), value[place]
    elif kind in ("subexpression", "index_expression"):
        yield from _follow_all(children, path, value)
    elif kind == "flatten":
        yield from _follow(children[0], path, value)
    else:
        yield from _project(node, path, value)


def _follow_all(nodes: Sequence[Node], path: Path, value: JSON) -> Places:
    if not nodes:
        yield path, value
        return
    for below, part in _follow(nodes[0], path, value):
        yield from _follow_all(nodes[1:], below, part)


def _project(node: Node, path: Path, value: JSON) -> Places:
    is_wanted = _condition(node)
    for above, container in _follow(node["children"][0], path, value):
        parts: Iterator[tuple[str | int, JSON]] = iter(())
        if node["type"] == "value_projection" and isinstance(container, dict):
            parts = iter(container.items())
        elif node["type"] != "value_projection" and isinstance(container, list):
            parts = iter(enumerate(container))
        for step, part in parts:
            if is_wanted(part):
                yield from _follow(node["children"][1], (*above, step), part)


def _condition(node: Node) -> Callable[[JSON], bool]:
    if node["type"] != "filter_projection":
        return lambda _item: True
    from jmespath.visitor import TreeInterpreter

    interpreter = TreeInterpreter()
    condition = node["children"][2]
    return lambda item: interpreter.visit(condition, item) not in (None, False, "", [], {})
