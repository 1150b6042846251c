"""What keeps a pod from running, from statuses as kubelets report them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.pod_state import (
    restarts_of,
    state_of,
    trouble_of,
)

JSON = Any


def pod(*containers: JSON, **status: JSON) -> JSON:
    statuses = [{"name": f"c{number}", **container} for number, container in enumerate(containers)]
    return {"metadata": {"name": "p"}, "status": {"containerStatuses": statuses, **status}}


def waiting(state: str, restarts: int = 0, **last: JSON) -> JSON:
    return {
        "state": {"waiting": {"reason": state, "message": "why"}},
        "restartCount": restarts,
        "lastState": {"terminated": last} if last else {},
    }


@pytest.mark.parametrize(
    ("seen", "story"),
    [
        (pod(waiting("ImagePullBackOff")), "container c0: ImagePullBackOff (why)"),
        (pod({}, waiting("CreateContainerConfigError")), "container c1: CreateContainerConfigError (why)"),
        (pod(waiting("CrashLoopBackOff", 1, exitCode=2)), "CrashLoopBackOff (exit code 2)"),
        (pod(waiting("CrashLoopBackOff", 4, exitCode=137, reason="OOMKilled")), "OOMKilled: it used more memory"),
        (pod(waiting("CrashLoopBackOff", 4, exitCode=137, reason="Error")), "exit code 137: killed, as where"),
        (pod(initContainerStatuses=[{"name": "i", **waiting("ErrImageNeverPull")}]), "container i: ErrImageNeverPull"),
        (
            pod(conditions=[{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "full"}]),
            "Unschedulable (full)",
        ),
        (pod({"state": {"terminated": {"exitCode": 7}}}, phase="Failed"), "Failed (exit code 7)"),
        (pod(phase="Failed", reason="Evicted", message="no space"), "Evicted (no space)"),
    ],
)
def test_trouble_is_told(seen: JSON, story: str) -> None:
    assert story in str(trouble_of(seen))


@pytest.mark.parametrize(
    "seen",
    [
        pod({"state": {"running": {}}}),
        pod(waiting("ContainerCreating")),
        pod(waiting("PodInitializing")),
        pod(waiting("ErrImagePull")),
        pod(waiting("CrashLoopBackOff", 0, exitCode=1)),
    ],
)
def test_what_may_still_come_right_is_no_trouble(seen: JSON) -> None:
    assert trouble_of(seen) is None


def test_a_pod_that_is_being_deleted_is_no_trouble() -> None:
    seen = pod(waiting("ImagePullBackOff"))
    seen["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert trouble_of(seen) is None


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (pod(), "its pod is pending"),
        (pod(waiting("ContainerCreating"), phase="Pending"), "container c0 is being created"),
        (pod(waiting("ErrImagePull"), phase="Pending"), "container c0: ErrImagePull"),
        (pod({"ready": True}, {"state": {"running": {}}}, phase="Running"), "container c1 is starting"),
        (pod({"state": {"running": {}}, "started": True}), "container c0 runs and is not ready yet"),
        (pod({"state": {"terminated": {"exitCode": 0}}}), "container c0 has ended (exit code 0)"),
        (
            pod(waiting("PodInitializing"), initContainerStatuses=[{"name": "i", "state": {"running": {}}}]),
            "init container i is starting",
        ),
    ],
)
def test_how_far_a_pod_came_is_told(seen: JSON, told: str) -> None:
    assert state_of(seen) == told


def test_restarts_of_all_containers_count() -> None:
    assert restarts_of(pod({"restartCount": 2}, {}, initContainerStatuses=[{"name": "i", "restartCount": 1}])) == 3


@pytest.mark.parametrize(
    ("message", "is_own_fault"),
    [
        ('Usage of EmptyDir volume "data" exceeds the limit "1Mi".', True),
        ("Pod ephemeral local storage usage exceeds the total limit of containers 1Mi.", True),
        ("The node was low on resource: memory.", False),
    ],
)
def test_a_pod_that_took_too_much_is_told_from_one_that_others_pushed_out(message: str, is_own_fault: bool) -> None:
    trouble = trouble_of(pod(phase="Failed", reason="Evicted", message=message))
    assert trouble is not None
    assert trouble.is_own_fault is is_own_fault
