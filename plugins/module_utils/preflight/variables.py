"""What can be told from the variables alone: types, choices, rules a role states, names nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding

Specification = Mapping[str, Mapping[str, Any]]


def against_specification(role: str, specification: Specification, values: Mapping[str, Any]) -> list[Finding]:
    """Types, choices and required values, by the role's own argument_specs (the `options` of entry point main)."""
    given = {name: values[name] for name in specification if values.get(name) is not None}
    validated = ArgumentSpecValidator(dict(specification)).validate(given)
    mask = Mask()
    mask.learn_values(str(given[name]) for name, each in specification.items() if name in given and each.get("no_log"))
    return [_explained(role, specification, mask.text(error)) for error in validated.error_messages]


def _explained(role: str, specification: Specification, error: str) -> Finding:
    named = [name for name in specification if name in error]
    name = max(named, key=len) if named else f"role {role}"
    choices = specification.get(name, {}).get("choices")
    mend = (
        f"Set {name} to one of: {', '.join(map(str, choices))}"
        if choices
        else f"See ansible-doc -t role mlops.tracking.{role}"
    )
    return Finding(f"Variable {name}", error, mend)


def broken_rules(rules: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Rules between variables, as roles state them in meta/preflight.yml: `variable`, `holds`, `why`, `mend`."""
    return [Finding(f"Variable {rule['variable']}", rule["why"], rule["mend"]) for rule in rules if not rule["holds"]]


def node_ports_used_twice(node_ports: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Two roles that ask for the same NodePort contradict each other whatever the cluster says."""
    first: dict[int, str] = {}
    found = []
    for wanted in node_ports:
        port, variable = int(wanted["port"]), str(wanted["variable"])
        if port in first:
            found.append(
                Finding(
                    f"Variable {variable}",
                    f"NodePort {port} is {first[port]}'s already",
                    f"Give {variable} another port",
                )
            )
        first.setdefault(port, variable)
    return found


def unknown_names(prefixes: Iterable[str], known: Iterable[str], given: Iterable[str]) -> list[Finding]:
    """Variables that look like a role's own and are not: a misspelt name would otherwise be ignored in silence."""
    names = sorted(known)
    starts = tuple(f"{prefix}_" for prefix in prefixes)
    found = []
    for name in sorted(set(given) - set(names)):
        if not name.startswith(starts):
            continue
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
        mend = f"Did you mean {near[0]}?" if near else "Remove it or rename it"
        found.append(Finding(f"Variable {name}", "no role knows a variable of this name", mend))
    return found
