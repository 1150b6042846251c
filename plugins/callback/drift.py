# Apache-2.0 (see LICENSE)
"""Callback `drift`: keeps what the tasks of a drift check returned, and sees to the exit status."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drift
type: aggregate
short_description: Collects the results of a drift check, and lets the exit statuses of several clusters add up
version_added: 0.2.0
description:
  - Keeps what each task of a play returns that ends with M(mlops.tracking.drift_report), which reports on it.
    Does nothing in other plays.
  - "Ansible ends with 4 where any cluster is unreachable, also when others have drifted. This callback makes it the
    sum of bits that the drift check promises: 2 drift, 4 something could not be looked at. It is 4 as well where a
    drift check met no cluster, or ended before its report."
requirements:
  - "enabled in the configuration, as the last one
    (C(callbacks_enabled = mlops.tracking.summary, mlops.tracking.drift))"
author: The mlops.tracking founders
"""

import sys
from typing import Any

from ansible.plugins.callback import CallbackBase

from ansible_collections.mlops.tracking.plugins.plugin_utils.play_results import PLAY_RESULTS

REPORT = "mlops.tracking.drift_report"
NOT_TOLD = 4


class CallbackModule(CallbackBase):
    """One run's statuses; the results themselves lie where the action plugin finds them."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "mlops.tracking.drift"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.is_check = False
        self.expected: set[str] = set()
        self.statuses: dict[str, int] = {}

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self.is_check = _ends_with_report(play)
        if self.is_check:
            PLAY_RESULTS.begin()
            hosts = play.get_variable_manager()._inventory.get_hosts(play.hosts)
            # A second check, after a correction, is one only where it has hosts; the last report of each counts.
            self.expected = {host.get_name() for host in hosts} or self.expected or {"(no cluster)"}

    def v2_runner_on_ok(self, result: Any) -> None:
        self._keep(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._keep(result, failed=True)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._keep(result, unreachable=True)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Ends the run by the bits of all clusters, where Ansible itself would not say as much."""
        if not self.expected:
            return
        status = 0
        for host in self.expected:
            status |= self.statuses.get(host, NOT_TOLD)
        if status:
            sys.stdout.flush()
            sys.exit(status)

    def _keep(self, result: Any, **outcome: bool) -> None:
        # Ansible takes `failed` out of what it hands to callbacks.
        if not self.is_check:
            return
        host, values = result.host.get_name(), result.result
        if result.task.action == REPORT:
            self.statuses[host] = int(values.get("status", NOT_TOLD))
        else:
            PLAY_RESULTS.add(host, result.task.get_name(), {**values, **outcome})


def _ends_with_report(play: Any) -> bool:
    return any(getattr(task, "action", "") == REPORT for block in play.compile() for task in block.get_tasks())
