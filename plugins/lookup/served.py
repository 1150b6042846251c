"""Lookup `served`: whether a cluster serves an API."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

DOCUMENTATION = r"""
name: served
short_description: Whether a cluster serves an API
version_added: 0.2.0
author: The mlops.tracking founders
description:
  - Asks the API server, and answers with V(true) or V(false) for each term.
  - It fails where the cluster does not answer, as a guess could put one thing in place of another.
options:
  _terms:
    description: Versions of API groups, such as V(monitoring.coreos.com/v1).
    required: true
  kubeconfig:
    description: Path of the kubeconfig, as for the modules of this collection.
    type: str
  context:
    description: The context of the kubeconfig.
    type: str
"""

EXAMPLES = r"""
- name: Say whether the Prometheus Operator is there
  ansible.builtin.debug:
    msg: "{{ lookup('mlops.tracking.served', 'monitoring.coreos.com/v1', context='kind-tracking') }}"
"""

RETURN = r"""
_list:
  description: Whether each is served.
  type: list
  elements: bool
"""

import os
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster


class LookupModule(LookupBase):
    """Runs on the controller."""

    _asked: dict[tuple[str | None, str | None, str], bool] = {}

    def run(self, terms: list[str], variables: Any = None, **options: Any) -> list[bool]:
        """One answer for each term; each cluster is asked once in a process, as variables are evaluated often."""
        self.set_options(var_options=variables, direct=options)
        path, context = self.get_option("kubeconfig"), self.get_option("context")
        kubeconfig = os.path.expanduser(path) if path else None
        return [self._is_served(kubeconfig, context, term) for term in terms]

    def _is_served(self, kubeconfig: str | None, context: str | None, api: str) -> bool:
        key = (kubeconfig, context, api)
        if key not in self._asked:
            try:
                with Cluster(kubeconfig, context) as cluster:
                    self._asked[key] = cluster.get(f"/apis/{api}") is not None
            except TrackingError as error:
                raise AnsibleError(f"Whether {api} is served cannot be told: {error}") from error
        return self._asked[key]
