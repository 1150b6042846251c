# Apache-2.0 (see LICENSE)
"""Callback `summary`: the short end of every run, in words a person can act on."""

from __future__ import annotations

DOCUMENTATION = r"""
name: summary
type: aggregate
short_description: Ends every run with what was made, where it is and what was proved
version_added: 0.1.0
description:
  - Collects the C(summary) of this collection's modules and what a play hands over with
    C(ansible.builtin.set_stats) under the name C(tracking) (lists C(urls), C(credentials), C(proved)),
    and prints one short page per cluster at the end.
  - Prints nothing for a run in which no module of this collection took part. Never prints a secret.
requirements:
  - enabled in the configuration (C(callbacks_enabled = mlops.tracking.summary))
author: The mlops.tracking founders
"""

import time
from dataclasses import dataclass, field
from typing import Any

from ansible import constants as C
from ansible.plugins.callback import CallbackBase

OURS = "mlops.tracking."
WIDTH = 12


@dataclass
class Account:
    """What is known of one cluster at the end of a run."""

    lines: list[tuple[bool, str, str]] = field(default_factory=list)  # changed, task, summary
    failures: list[str] = field(default_factory=list)


class CallbackModule(CallbackBase):
    """Remembers what each module said of itself, and prints it at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "mlops.tracking.summary"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, Account] = {}
        self.started = time.monotonic()
        self.check_mode = False
        self.has_report = False

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self.check_mode = bool(play.check_mode)

    def v2_runner_on_ok(self, result: Any) -> None:
        values = result.result
        self._note_report(result)
        if not result.task.action.startswith(OURS) or "summary" not in values:
            return
        line = (bool(values.get("changed")), result.task.get_name(), str(values["summary"]))
        self._account(result).lines.append(line)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._note_report(result)
        if not ignore_errors:
            self._account(result).failures.append(result.task.get_name())

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._note_report(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        if self.has_report:
            return  # it is the summary
        for cluster, account in sorted(self.accounts.items()):
            handed_over = stats.custom.get(cluster, {}).get("tracking", {})
            changed = stats.summarize(cluster)["changed"]
            self._print_page(cluster, account, handed_over, changed)

    def _note_report(self, result: Any) -> None:
        self.has_report |= result.task.action == f"{OURS}drift_report"

    def _account(self, result: Any) -> Account:
        return self.accounts.setdefault(result.host.get_name(), Account())

    def _print_page(self, cluster: str, account: Account, handed_over: dict[str, Any], changed: int) -> None:
        head = "FAILED" if account.failures else "predicted" if self.check_mode else "done"
        seconds = time.monotonic() - self.started
        self._display.banner(f"SUMMARY of {cluster}: {head} in {seconds:.0f} s, {changed} changed")
        for was_changed, task, summary in account.lines:
            verb = ("would change" if self.check_mode else "changed") if was_changed else "as it was"
            color = C.COLOR_CHANGED if was_changed else C.COLOR_OK
            self._line(verb, f"{task.removeprefix(OURS)}: {summary}", color)
        for task in account.failures:
            self._line("FAILED", task, C.COLOR_ERROR)
        for title in ("urls", "credentials", "proved"):
            for number, text in enumerate(handed_over.get(title, [])):
                self._line(title if number == 0 else "", str(text))

    def _line(self, title: str, text: str, color: str | None = None) -> None:
        self._display.display(f"{title:<{WIDTH}}  {text}", color=color)
