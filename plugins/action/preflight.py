"""Action plugin of `preflight`: looks at the variables here, where they are, and leaves the cluster to the module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError

from ansible_collections.mlops.tracking.plugins.module_utils.preflight import variables
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding
from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction
from ansible_collections.mlops.tracking.plugins.plugin_utils.permissions import expanded
from ansible_collections.mlops.tracking.plugins.plugin_utils.role_files import ROLES, holding, role_file, role_options

LISTS = ("permissions", "backends", "storage_classes", "node_ports", "images", "secrets", "buckets", "s3")


class ActionModule(ModuleAction):
    """Reads each role's argument_specs and meta/preflight.yml, and hands what they ask for to the module."""

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """The task's, with what the roles ask for and what is wrong with the variables."""
        roles = self._task.args.get("roles") or []
        findings: list[Finding] = []
        known: set[str] = set()
        for role in roles:
            self._refuse_unknown(role)
        specifications = {role: role_options(self._loader, role) for role in roles}
        for role, specification in specifications.items():
            known |= set(specification) | set(role_file(self._loader, role, "vars/main.yml"))
            findings += variables.against_specification(role, specification, self._values(specification, given))
        findings += variables.unknown_names(self._prefixes(specifications), known, given)
        # Rules are templates over these variables: they would fail on a value of the wrong type.
        asked: dict[str, list[Any]] = {name: [] for name in (*LISTS, "rules")}
        if not findings:
            findings += self._ask(roles, asked)
            asked["permissions"] = list(expanded(asked["permissions"]))
            findings += variables.broken_rules(asked["rules"])
            findings += variables.node_ports_used_twice(asked["node_ports"])
        arguments = super().arguments(given)
        arguments.pop("roles", None)
        for name in LISTS:
            arguments[name] = [*(arguments.get(name) or []), *asked[name]]
        arguments["findings"] = [finding.as_result() for finding in findings]
        return arguments

    def _refuse_unknown(self, role: str) -> None:
        if not (ROLES / role).is_dir():
            raise AnsibleActionFail(f"preflight: there is no role {role} in mlops.tracking; see option roles")

    def _prefixes(self, specifications: dict[str, dict[str, Any]]) -> set[str]:
        """What a role's variables begin with: its own name, and that of what it deploys, as postgres."""
        return {*specifications, *(name.split("_")[0] for names in specifications.values() for name in names)}

    def _values(self, specification: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        return self._templar.template({name: given[name] for name in specification if name in given})

    def _ask(self, roles: list[str], asked: dict[str, list[Any]]) -> Iterator[Finding]:
        """Adds what the roles ask for to `asked`. Yields what cannot be told, as without a cluster's answer."""
        for role in roles:
            for name, items in role_file(self._loader, role, "meta/preflight.yml").items():
                if name not in asked:
                    raise AnsibleActionFail(
                        f"preflight: meta/preflight.yml of role {role} asks for {name}, not one of {', '.join(asked)}"
                    )
                try:
                    asked[name] += holding(self._templar, items)
                except AnsibleError as error:
                    yield Finding(f"role {role}", f"what it needs cannot be told: {error}", "Mend that first")
