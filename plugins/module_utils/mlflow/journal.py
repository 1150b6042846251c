"""The journal of a move between databases: how far it is and who is at it, in a ConfigMap of the cluster.

It is written with the resourceVersion that was read, so of two runs that begin at once one is refused.
"""

from __future__ import annotations

import base64
import datetime
import gzip
import json
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import ApiError, Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.moment import moment

JSON = Any

NAME = "tracking-migration"
PREFLIGHT, MOVE, PROVE, SWITCH, DONE, RETURNED = "preflight", "move", "prove", "switch", "done", "returned"
UNDER_WAY = (PREFLIGHT, MOVE, PROVE, SWITCH)
PHASES = (*UNDER_WAY, DONE, RETURNED)
_KEPT_ENTRIES = 50
_REPORT = "report: "


@dataclass(frozen=True)
class Holder:
    """The ansible-playbook that is at it: its machine, process and when that process began (ticks since boot)."""

    host: str
    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> Holder:
        """That process of this machine."""
        return cls(socket.gethostname(), pid, _began(pid))

    def is_gone(self) -> bool | None:
        """Whether it has ended; None where that cannot be told from here."""
        if self.host != socket.gethostname() or not self.began:
            return None
        return _began(self.pid) != self.began

    def __str__(self) -> str:
        return f"ansible-playbook with process id {self.pid} on {self.host}"


@dataclass(frozen=True)
class Journal:
    """One move. `expires`: seconds since 1970 after which nobody is at it any more; `report` is what it came to.

    `last_done`: what the last move before it came to that was done, as it is the proof of the runs that are there.
    """

    phase: str
    direction: str
    holder: Holder
    started: str
    expires: float
    reason: str = ""
    history: tuple[Mapping[str, str], ...] = ()
    report: Mapping[str, JSON] = field(default_factory=dict)
    last_done: Mapping[str, JSON] = field(default_factory=dict)
    version: str = ""

    @property
    def is_under_way(self) -> bool:
        return self.phase in UNDER_WAY

    def is_abandoned(self, now: float) -> bool:
        """Whether it is under way and nobody is at it: its process was killed, or its time is long over."""
        gone = self.holder.is_gone()
        return self.is_under_way and (gone is True or (gone is None and now >= self.expires))

    def as_data(self) -> dict[str, str]:
        """The data of the ConfigMap."""
        return {
            "phase": self.phase,
            "direction": self.direction,
            "holder": json.dumps(self.holder.__dict__),
            "started": self.started,
            "expires": str(self.expires),
            "reason": self.reason,
            "history": json.dumps(list(self.history), indent=1),
            "report.json": json.dumps(self.report, indent=1),
            "last-done.json": json.dumps(self.last_done, indent=1),
        }


def read(cluster: Cluster, namespace: str) -> Journal | None:
    """The journal on the cluster; None where none was ever kept."""
    live = cluster.get(_path(namespace))
    if live is None:
        return None
    data = live.get("data") or {}
    return Journal(
        phase=data.get("phase", RETURNED),
        direction=data.get("direction", ""),
        holder=Holder(**json.loads(data["holder"])),
        started=data.get("started", ""),
        expires=float(data.get("expires") or 0),
        reason=data.get("reason", ""),
        history=tuple(json.loads(data.get("history") or "[]")),
        report=json.loads(data.get("report.json") or "{}"),
        last_done=json.loads(data.get("last-done.json") or "{}"),
        version=live["metadata"]["resourceVersion"],
    )


def write(cluster: Cluster, namespace: str, journal: Journal) -> None:
    """Puts it on the cluster, unless somebody has written since it was read. Raises TrackingError then."""
    metadata = {
        "name": NAME,
        "namespace": namespace,
        "labels": {"app.kubernetes.io/part-of": "mlops-tracking"},
        "annotations": {"tracking.mlops/keep": "it says how MLflow's runs came to the database they are in"},
        **({"resourceVersion": journal.version} if journal.version else {}),
    }
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": journal.as_data()}
    path = _path(namespace)
    try:
        if journal.version:
            cluster.request("PUT", path, body=body)
        else:
            cluster.request("POST", path.rsplit("/", 1)[0], body=body)
    except ApiError as error:
        if error.status == 409:
            raise under_way_elsewhere(read(cluster, namespace)) from None
        raise


def begun(before: Journal | None, holder: Holder, direction: str, now: float, seconds: float) -> Journal:
    """A new move, in its first phase; the version of the old journal is kept, to be replaced and no other."""
    version, last_done = (before.version, _last_done(before)) if before else ("", {})
    new = Journal(PREFLIGHT, direction, holder, moment(now), 0, last_done=last_done, version=version)
    return _entered(new, PREFLIGHT, now, seconds)


def continued(
    before: Journal | None, holder: Holder, phase: str, now: float, seconds: float, reason: str = ""
) -> Journal:
    """The same move in another phase. Raises TrackingError where this run has not begun it, or lost it to another."""
    if before is None or before.holder != holder:
        raise under_way_elsewhere(before)
    return _entered(before, phase, now, seconds, reason)


def told_by_job(lines: Iterable[str]) -> dict[str, JSON]:
    """The report that the migration's program packs into its last line; empty where there is none."""
    packed = [line.removeprefix(_REPORT) for line in lines if line.startswith(_REPORT)]
    if not packed:
        return {}
    try:
        told: dict[str, JSON] = json.loads(gzip.decompress(base64.b64decode(packed[-1])))
    except (ValueError, OSError, EOFError):
        return {}  # a log may be cut
    return told


def seconds_without_writes(journal: Journal) -> int:
    """From when MLflow was held still until the end of the move."""
    times = {entry["phase"]: datetime.datetime.fromisoformat(entry["at"]) for entry in journal.history}
    return round((times[journal.phase] - times[MOVE]).total_seconds()) if MOVE in times else 0


def settled(before: Journal, now: float, backend: str) -> Journal:
    """A killed move, ended: where the database it moved to is the recorded one, only its report is missing."""
    reason = f"it was killed in phase {before.phase}"
    return _entered(before, DONE if backend == before.direction else RETURNED, now, 0, reason)


def _last_done(journal: Journal) -> Mapping[str, JSON]:
    if journal.phase != DONE:
        return journal.last_done
    return {"direction": journal.direction, "started": journal.started, "report": journal.report}


def _entered(journal: Journal, phase: str, now: float, seconds: float, reason: str = "") -> Journal:
    entry = {"phase": phase, "at": moment(now), **({"reason": reason} if reason else {})}
    history = (*journal.history, entry)[-_KEPT_ENTRIES:]
    return replace(journal, phase=phase, expires=now + seconds, reason=reason, history=history)


def under_way_elsewhere(journal: Journal | None) -> TrackingError:
    """What is said where another run is at it."""
    what = (
        f"{journal.holder} is at it since {journal.started}, in phase {journal.phase}" if journal else "another run is"
    )
    return TrackingError(
        "A migration of MLflow's database is under way",
        why=what,
        mend="Wait for its end; if it was killed on another machine, run again with -e migration_take_over=true",
        under_way=True,
    )


def _began(pid: int) -> str:
    """When a process of this machine began; empty where there is none, or no /proc to tell by."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "" if os.path.isdir("/proc/self") else "unknown"
    return text.rsplit(")", 1)[-1].split()[19]


def _path(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps/{NAME}"
