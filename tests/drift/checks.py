"""Runs drift.yml as a person does, and reads what it reports."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from playbook import ROOT, run_playbook

JSON = Any
Finding = tuple[str, str, str, str]  # object, state, path, manager

NODE = "tracking-drift-control-plane"
FORMATS = ["table", "json", "junit", "sarif", "prometheus"]


@dataclass(frozen=True)
class Check:
    """One run. reports: of each cluster. texts: everything that it printed or wrote."""

    status: int
    reports: Mapping[str, JSON]
    texts: tuple[str, ...]

    @property
    def report(self) -> JSON:
        """The report of the only cluster."""
        [report] = self.reports.values()
        return report

    @property
    def findings(self) -> set[Finding]:
        return {(each["object"], each["state"], each["path"], each["manager"]) for each in self.report["findings"]}


class Checks:
    """Writes into a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, inventory: Path | None = None, **variables: JSON) -> Check:
        """One run of the playbook with these variables."""
        reports = self.folder / "reports"
        chosen = {"drift_formats": FORMATS, "drift_report_directory": str(reports), **variables}
        more = ["-i", str(inventory)] if inventory else []
        done = run_playbook("-e", json.dumps(chosen), *more, *arguments, name="drift.yml")
        files = {path.name: path.read_text(encoding="utf-8") for path in sorted(reports.iterdir())}
        named = {name: json.loads(text) for name, text in files.items() if name.endswith(".json")}
        return Check(done.status, named, (done.output, *files.values()))

    def aliases(self, count: int) -> Path:
        """An inventory that names the one cluster under more names."""
        molecule = Path(os.environ["MOLECULE_INVENTORY_FILE"])
        place = molecule if molecule.is_file() else molecule / "ansible_inventory.yml"
        hosts = {f"look-{number}": {} for number in range(count)}
        path = self.folder / "aliases.yml"
        known = yaml.safe_load(place.read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump({**known, "clusters": {"hosts": hosts}}), encoding="utf-8")
        return path


def audited(since: str, user: str) -> list[str]:
    """The requests of a user from that time on (RFC 3339) that may have written: no reads, no dry runs."""
    read = ["docker", "exec", NODE, "cat", "/var/log/kubernetes/audit.log"]
    log = subprocess.run(read, capture_output=True, text=True, check=True).stdout
    events = [json.loads(line) for line in log.splitlines()]
    return [
        f"{event['verb']} {event['requestURI']}"
        for event in events
        if re.search(user, event["user"]["username"])
        and event["requestReceivedTimestamp"] >= since
        and event["verb"] not in ("get", "list", "watch")
        and "dryRun=All" not in event["requestURI"]
        and event["stage"] == "ResponseComplete"
    ]


__all__ = ["ROOT", "Check", "Checks", "Finding", "audited"]
