# Apache-2.0 (see LICENSE)
"""Lookup `role_variables`: what is chosen for this host, so that the same roles run elsewhere as they do here."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_variables
short_description: The options of roles of this collection, as they are for this host
version_added: 0.2.0
description:
  - Each option of each role (C(meta/argument_specs.yml)) with its value, all templates filled in.
  - An option that holds a secret (C(no_log)) and is not empty is an error, as the result is meant to be written down.
options:
  _terms:
    description: Roles of this collection.
    required: true
author: The mlops.tracking founders
"""

EXAMPLES = r"""
- name: Show what is chosen for MLflow
  ansible.builtin.debug:
    msg: "{{ lookup('mlops.tracking.role_variables', 'minio', 'persistence', 'mlflow') }}"
"""

RETURN = r"""
_raw:
  description: One mapping of names to values.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.mlops.tracking.plugins.plugin_utils.role_files import role_options


class LookupModule(LookupBase):
    """Reads the argument specifications beside this file."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        given = variables or {}
        chosen: dict[str, Any] = {}
        for role in terms:
            for name, option in role_options(self._loader, role).items():
                if name in given:
                    chosen[name] = self._value(name, option, given[name])
        return [{name: value for name, value in chosen.items() if value is not None}]

    def _value(self, name: str, option: dict[str, Any], given: Any) -> Any:
        value = self._templar.template(given)
        if option.get("no_log") and value:
            raise AnsibleError(
                f"Variable {name} holds a secret, which would be written down for everybody to read: put it into a "
                "Secret of the cluster, and name that instead"
            )
        return None if option.get("no_log") else value
