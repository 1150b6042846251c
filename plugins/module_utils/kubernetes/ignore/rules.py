"""Rules that say which fields of which objects are left to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.ignore import expressions, pointers
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import Path
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference

JSON = Any

IGNORE_OPTIONS: dict[str, dict[str, Any]] = {
    "kind": {"type": "str", "default": "*"},
    "namespace": {"type": "str", "default": "*"},
    "name": {"type": "str", "default": "*"},
    "pointers": {"type": "list", "elements": "str", "default": []},
    "expressions": {"type": "list", "elements": "str", "default": []},
    "managers": {"type": "list", "elements": "str", "default": []},
}


@dataclass(frozen=True)
class Rule:
    """kind, namespace, name and managers are shell patterns; pointers and expressions are parsed."""

    kind: str
    namespace: str
    name: str
    pointers: tuple[tuple[str, ...], ...]
    expressions: tuple[expressions.Node, ...]
    managers: tuple[str, ...]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Rule:
        """From one element of option `ignore`. Raises InvalidInput for a rule that ignores nothing."""
        named = [parameters.get(key) or [] for key in ("pointers", "expressions", "managers")]
        place = {key: str(parameters.get(key) or "*") for key in ("kind", "namespace", "name")}
        if not any(named):
            raise InvalidInput(
                "ignore",
                f"the rule for {place['kind']} {place['name']} names nothing to ignore",
                "Add pointers, expressions or managers to it",
            )
        return cls(
            **place,
            pointers=tuple(pointers.parse(each) for each in named[0]),
            expressions=tuple(expressions.parse(each) for each in named[1]),
            managers=tuple(named[2]),
        )

    def is_for(self, reference: Reference) -> bool:
        """Whether the rule speaks of that object."""
        return (
            fnmatchcase(reference.kind, self.kind)
            and fnmatchcase(reference.namespace, self.namespace)
            and fnmatchcase(reference.name, self.name)
        )

    def paths(self, manifest: Mapping[str, JSON]) -> list[Path]:
        """The fields of a manifest that its pointers and expressions name."""
        pointed = [path for each in self.pointers for path in pointers.find(each, manifest)]
        return [*pointed, *(path for each in self.expressions for path in expressions.find(each, manifest))]

    def paths_in_live(self, live: Mapping[str, JSON]) -> list[Path]:
        """The fields of a live object that they name. Numbers of items count in the manifest only."""
        pointed = [path for each in self.pointers for path in pointers.find(each, live)]
        selected = [each for each in self.expressions if not expressions.has_index(each)]
        found = [path for each in selected for path in expressions.find(each, live)]
        return [path for path in pointed if all(isinstance(step, str) for step in path)] + found

    def names_manager(self, manager: str) -> bool:
        """Whether it leaves all that this field manager holds to it."""
        return any(fnmatchcase(manager, pattern) for pattern in self.managers)


def rules_from(parameters: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """All rules of option `ignore`."""
    return tuple(Rule.from_parameters(each) for each in parameters)
