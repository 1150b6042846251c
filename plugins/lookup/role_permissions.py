# Apache-2.0 (see LICENSE)
"""Lookup `role_permissions`: what roles of this collection must be allowed to do, as their meta/preflight.yml says."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_permissions
short_description: What roles of this collection must be allowed to do
version_added: 0.2.0
description:
  - The C(permissions) of each role's C(meta/preflight.yml) that hold for this host's variables.
options:
  _terms:
    description: Roles of this collection.
    required: true
author: The mlops.tracking founders
"""

EXAMPLES = r"""
- name: Show what role minio writes
  ansible.builtin.debug:
    msg: "{{ query('mlops.tracking.role_permissions', 'minio') }}"
"""

RETURN = r"""
_raw:
  description: "Entries with C(resources) (C(deployments.apps)), and some of C(namespace), C(names) and C(verbs)."
  type: list
  elements: dict
"""

from typing import Any

from ansible.plugins.lookup import LookupBase

from ansible_collections.mlops.tracking.plugins.plugin_utils.permissions import expanded
from ansible_collections.mlops.tracking.plugins.plugin_utils.role_files import holding, role_file


class LookupModule(LookupBase):
    """Reads the roles beside this file."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        needs = [
            need
            for role in terms
            for need in role_file(self._loader, role, "meta/preflight.yml").get("permissions", [])
        ]
        return list(expanded(holding(self._templar, needs)))
