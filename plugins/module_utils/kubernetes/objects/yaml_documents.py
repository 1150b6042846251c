"""YAML as Kubernetes reads it: many documents in one text, no dates, no key twice in one mapping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is some ten times faster


class _DocumentLoader(_Loader):  # type: ignore[misc]
    """Leaves `2026-01-01` the text it is, as kubectl does, and refuses a key that is there twice."""


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    pairs = loader.construct_pairs(node, deep=True)
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        keys = [key for key, _value in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise yaml.constructor.ConstructorError(None, None, f"key {double!r} is there twice", node.start_mark)
    return mapping


_DocumentLoader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_DocumentLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def load_documents(source: str, text: str) -> Iterator[Any]:
    """The documents in `text`, None for an empty one. A text that is no YAML is a TrackingError without its values."""
    try:
        yield from yaml.load_all(text, Loader=_DocumentLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1} of what it renders to" if mark else ""
        raise TrackingError(
            f"{source} is not YAML",
            where=place,
            why=error.problem or "",
            mend="Correct the template; quoting a value with a colon or a brace often is the mend",
            source=source,
        ) from None
