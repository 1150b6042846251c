"""What tasks returned, read: every module's rows, failures with and without rows, loops, and twice the same."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Finding, NotTold, Report
from ansible_collections.mlops.tracking.plugins.module_utils.drift.results import Seen

JSON = Any


def seen(*results: JSON) -> Seen:
    account = Seen()
    for number, result in enumerate(results):
        account.take(f"task {number}", result)
    return account


def row(reference: str = "Bucket b", action: str = "unchanged", **more: JSON) -> JSON:
    return {"ref": reference, "action": action, "changes": [], **more}


def status(account: Seen) -> int:
    return Report("c", "", 0, list(account.objects), list(account.findings.values()), list(account.not_told)).status


FINDING = {
    "state": "extra", "path": "data.x", "pointer": "/data/x",
    "expected": None, "found": "v", "manager": "kubectl-edit", "time": "t",
}  # fmt: skip


def test_findings_of_a_row_are_taken_as_they_are() -> None:
    account = seen({"objects": [row(findings=[FINDING])]})
    assert list(account.findings.values()) == [Finding("Bucket b", task="task 0", **FINDING)]


@pytest.mark.parametrize(("action", "state"), [("created", "missing"), ("deleted", "extra")])
def test_a_module_that_tells_no_findings_is_read_by_its_actions(action: str, state: str) -> None:
    [finding] = seen({"changed": True, "objects": [row(action=action)]}).findings.values()
    assert (finding.object, finding.state) == ("Bucket b", state)


def test_each_changed_path_is_a_finding() -> None:
    account = seen({"changed": True, "objects": [row(action="changed", changes=["quota", "versioning"])]})
    assert [each.path for each in account.findings.values()] == ["quota", "versioning"]


def test_a_module_without_rows_is_a_finding_where_it_would_change_something() -> None:
    [finding] = seen({"changed": True}).findings.values()
    assert (finding.object, finding.state) == ("task 0", "changed")


def test_a_row_that_says_it_has_no_findings_has_none() -> None:
    assert not seen({"changed": True, "objects": [row(action="changed", changes=["x"], findings=[])]}).findings


def test_two_looks_at_one_thing_are_one_finding() -> None:
    result = {"objects": [row(findings=[FINDING])]}
    assert len(seen(result, result).findings) == 1


def test_a_failed_object_leaves_the_others_findings() -> None:
    account = seen(
        {"failed": True, "msg": "m", "objects": [row("Bucket a", "failed", error="no"), row(findings=[FINDING])]}
    )
    assert list(account.not_told) == [NotTold("Bucket a", "no", "task 0")]
    assert status(account) == 6


@pytest.mark.parametrize("how", ["failed", "unreachable"])
def test_a_task_that_fails_is_told_and_never_counts_as_in_sync(how: str) -> None:
    account = seen({how: True, "msg": "the token has expired"})
    assert list(account.not_told) == [NotTold("task 0", "the token has expired", "task 0")]
    assert status(account) == 4


def test_every_round_of_a_loop_counts() -> None:
    account = seen({"results": [{"objects": [row("Bucket a")]}, {"failed": True, "msg": "no"}]})
    assert (list(account.objects), status(account)) == (["Bucket a"], 4)


def test_nothing_differs() -> None:
    assert status(seen({"objects": [row()]}, {"skipped": True}, {"changed": False})) == 0
