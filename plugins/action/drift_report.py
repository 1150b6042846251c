"""Action plugin of `drift_report`: makes the report of what the play's tasks returned, and sets the status."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

import dataclasses
import datetime
import time
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.mlops.tracking.plugins.module_utils.drift.correct import correctable
from ansible_collections.mlops.tracking.plugins.module_utils.drift.formats.all import FORMATS
from ansible_collections.mlops.tracking.plugins.module_utils.drift.ignore import rules_from, sift
from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import DRIFT, NOT_TOLD, NotTold, Report
from ansible_collections.mlops.tracking.plugins.module_utils.drift.results import Seen
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.plugin_utils.documents import as_list
from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import RunsModules
from ansible_collections.mlops.tracking.plugins.plugin_utils.play_results import PLAY_RESULTS

OWN = ("formats", "directory", "ignore", "correct_kinds", "fails")


class ActionModule(RunsModules):
    """Runs on the controller; what is recorded in the cluster is left to the module of the same name."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        if not PLAY_RESULTS.is_kept:
            raise AnsibleActionFail(
                "The results of the play were not kept, so nothing can be told: enable callback mlops.tracking.drift "
                "(callbacks_enabled in ansible.cfg, or ANSIBLE_CALLBACKS_ENABLED=mlops.tracking.drift)"
            )
        report = self._report(str(variables["inventory_hostname"]))
        formats, named = self._formats(), self._correctable(report)
        self._write(report, formats)
        report = self._recorded(report, variables)
        if "table" in formats:
            self._display.display("\n" + FORMATS["table"][1](report))
        result |= {"changed": False, "status": report.status, "summary": report.sentence(), "msg": report.sentence()}
        result["correctable"] = named
        if self._task.args.get("fails", True):
            result["failed"] = report.status == DRIFT
            result["unreachable"] = bool(report.status & NOT_TOLD)
        return result

    def _report(self, cluster: str) -> Report:
        seen = Seen()
        for task, values in PLAY_RESULTS.of_host.get(cluster, []):
            seen.take(task, values)
        if not seen.objects and not seen.not_told:
            seen.fail("The whole cluster", "no task looked at anything")
        try:
            rules = rules_from(as_list("ignore", self._task.args.get("ignore")))
        except TrackingError as error:
            raise AnsibleActionFail(error.sentence()) from error
        sifted = sift(list(seen.findings.values()), rules, datetime.datetime.now(datetime.UTC).date())
        started = datetime.datetime.fromtimestamp(PLAY_RESULTS.started, datetime.UTC)
        return Report(
            cluster,
            started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            time.time() - PLAY_RESULTS.started,
            list(seen.objects),
            sorted(sifted.kept, key=lambda each: each.object),
            list(seen.not_told),
            sifted.ignored,
            sifted.expired,
        )

    def _correctable(self, report: Report) -> list[str]:
        kinds = as_list("correct_kinds", self._task.args.get("correct_kinds"))
        try:
            return correctable(report, kinds)
        except TrackingError as error:
            raise AnsibleActionFail(error.sentence()) from error

    def _formats(self) -> list[str]:
        formats = as_list("formats", self._task.args.get("formats", ["table"]))
        unknown = [each for each in formats if each not in FORMATS]
        if unknown:
            raise AnsibleActionFail(
                f"Variable drift_formats cannot be used: there is no format {unknown[0]}. "
                f"Choose from {', '.join(FORMATS)}."
            )
        if set(formats) - {"table"} and not self._task.args.get("directory"):
            raise AnsibleActionFail(
                "Variable drift_formats asks for files and drift_report_directory says no place for them. Set it."
            )
        return formats

    def _write(self, report: Report, formats: list[str]) -> None:
        """One file a format, each whole or not there."""
        if not self._task.args.get("directory"):
            return
        directory = Path(str(self._task.args["directory"])).expanduser()
        try:
            directory.mkdir(parents=True, exist_ok=True)
            for name in formats:
                ending, write = FORMATS[name]
                file = directory / f"drift-{report.cluster}.{ending}"
                partial = file.with_suffix(file.suffix + ".partial")
                partial.write_text(write(report), encoding="utf-8")
                partial.replace(file)
        except OSError as error:
            raise AnsibleActionFail(
                f"The report cannot be written to {directory} (drift_report_directory): {error}"
            ) from error

    def _recorded(self, report: Report, variables: dict[str, Any]) -> Report:
        """The report once it lies in the cluster, where that is asked for; what stood in the way is part of it."""
        places = {"config_map", "pushgateway"}
        if not any(self._task.args.get(each) for each in places):
            return report
        arguments = {name: value for name, value in self._task.args.items() if name not in OWN}
        arguments |= {"report": FORMATS["json"][1](report), "metrics": FORMATS["prometheus"][1](report)}
        done = self.run_module("drift_report", arguments, variables)
        if not done.get("failed"):
            return report
        trouble = NotTold("The record of this report", str(done.get("msg")))
        return dataclasses.replace(report, not_told=[*report.not_told, trouble])
