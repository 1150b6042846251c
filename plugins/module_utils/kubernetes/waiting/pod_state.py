"""What is wrong with a pod, from its status alone: the cause, and how long it may last before it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

JSON = Any

UNSCHEDULABLE = "Unschedulable"

# Seconds a state may last before it is a failure. What mends itself when another object comes gets some time.
_PATIENCE = {
    "ErrImageNeverPull": 0.0,
    "ImagePullBackOff": 0.0,
    "InvalidImageName": 0.0,
    "CreateContainerConfigError": 5.0,
    "CreateContainerError": 5.0,
    "RunContainerError": 5.0,
    UNSCHEDULABLE: 20.0,
}
_BEGINNING = ("ContainerCreating", "PodInitializing", None)
# One crash may come of a neighbour that starts later; a second one does not.
_CRASHES_TO_FAIL = 1
# A pod that was crashing when it was first looked at may be about to recover from what has just been mended.
_PATIENCE_WITH_OLD_CRASHES = 30.0


@dataclass(frozen=True)
class Trouble:
    """A pod's trouble, or a claim's (then `pod` is empty). `container` whose log tells more, if any.

    patience: seconds until it is a failure; for a crash, none once it has crashed again while it was watched.
    is_end: the pod is over and will not be started again. version: of the event that tells of it.
    """

    pod: str
    reason: str
    message: str
    patience: float
    container: str = ""
    crashes: int = 0
    is_end: bool = False
    version: str = ""

    @property
    def is_crash(self) -> bool:
        return self.crashes > 0

    @property
    def is_own_fault(self) -> bool:
        """Whether a pod was ended for what it did itself: the next one will do it again."""
        return self.is_end and "exceed" in self.message

    def __str__(self) -> str:
        where = f"pod {self.pod}" if self.pod else ""
        where += f", container {self.container}" if self.container else ""
        return f"{where}: {self.reason}".removeprefix(": ") + (f" ({self.message})" if self.message else "")


def trouble_of(pod: Mapping[str, JSON]) -> Trouble | None:
    """The first thing that keeps a pod from running, or None when nothing is known to."""
    if pod["metadata"].get("deletionTimestamp"):
        return None
    return next(_troubles(pod), None)


def _troubles(pod: Mapping[str, JSON]) -> Iterator[Trouble]:
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    for condition in status.get("conditions") or []:
        if condition["type"] == "PodScheduled" and condition.get("reason") == UNSCHEDULABLE:
            yield Trouble(name, UNSCHEDULABLE, condition.get("message", ""), _PATIENCE[UNSCHEDULABLE])
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = (container.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason", "")
        if reason == "CrashLoopBackOff":
            if container.get("restartCount", 0) >= _CRASHES_TO_FAIL:
                yield _crash(name, container, reason)
        elif reason in _PATIENCE:
            yield Trouble(name, reason, waiting.get("message", ""), _PATIENCE[reason], container["name"])
    if status.get("phase") == "Failed":
        yield from _ended(name, status)


def state_of(pod: Mapping[str, JSON]) -> str:
    """How far a pod came: `container web is being created`, `container web is starting`; its phase if that is all."""
    status = pod.get("status") or {}
    if pod["metadata"].get("deletionTimestamp"):
        return "its pod is ending"
    for container in status.get("initContainerStatuses") or []:
        if not container.get("ready") and not container.get("started"):
            return f"init container {_stage(container)}"
    stages = [_stage(each) for each in status.get("containerStatuses") or [] if not each.get("ready")]
    if stages:
        return ", ".join(f"container {stage}" for stage in stages)
    return f"its pod is {str(status.get('phase', 'Pending')).lower()}"


def in_the_way(pod: Mapping[str, JSON], state: str) -> str:
    """Why a StatefulSet does not go on, and the mend."""
    metadata = pod["metadata"]
    return (
        f"{state}. This pod is of an older template, and a StatefulSet does not replace one that is not ready: "
        f"delete it (kubectl delete pod --namespace {metadata['namespace']} {metadata['name']})"
    )


def is_ready(pod: Mapping[str, JSON]) -> bool:
    """Whether its condition says so."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def restarts_of(pod: Mapping[str, JSON]) -> int:
    """How often its containers were started again, taken together."""
    status = pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    return sum(container.get("restartCount", 0) for container in containers)


def _stage(container: Mapping[str, JSON]) -> str:
    """Of a container that is not ready. A container without a startup probe is `started` once it runs."""
    name, state = container["name"], container.get("state") or {}
    if "running" in state:
        return f"{name} is starting" if not container.get("started") else f"{name} runs and is not ready yet"
    if "terminated" in state:
        return f"{name} has ended ({_ending(state['terminated'])})"
    reason = (state.get("waiting") or {}).get("reason")
    return f"{name} is being created" if reason in _BEGINNING else f"{name}: {reason}"


def _crash(pod: str, container: Mapping[str, JSON], reason: str) -> Trouble:
    last = (container.get("lastState") or {}).get("terminated") or {}
    crashes = container.get("restartCount", 0) + 1
    return Trouble(pod, reason, _ending(last), _PATIENCE_WITH_OLD_CRASHES, container["name"], crashes)


def _ended(pod: str, status: Mapping[str, JSON]) -> Iterator[Trouble]:
    """A pod that is not restarted (a Job's) and failed; its Job says when that is final."""
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        terminated = (container.get("state") or {}).get("terminated") or {}
        if terminated.get("exitCode"):
            reason = str(status.get("reason") or "Failed")
            message = str(status.get("message") or _ending(terminated))
            yield Trouble(pod, reason, message, float("inf"), container["name"], is_end=True)
            return
    reason, message = str(status.get("reason") or "Failed"), str(status.get("message") or "")
    yield Trouble(pod, reason, message, float("inf"), is_end=True)


_KILLED = 137  # 128 and SIGKILL


def _ending(terminated: Mapping[str, JSON]) -> str:
    if not terminated:
        return ""
    if terminated.get("reason") == "OOMKilled":
        return "OOMKilled: it used more memory than its limit"
    message = str(terminated.get("message") or "").strip()
    if terminated.get("exitCode") == _KILLED and not message:  # the kubelet may miss what the kernel did
        message = "killed, as where it used more memory than its limit, or did not end when told to"
    return f"exit code {terminated.get('exitCode')}" + (f": {message}" if message else "")
