"""Drift of a whole stack, from untouched to put right. The tests follow each other: what hands did stays."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from checks import Check, Checks, audited
from conftest import Kubectl
from hands import EVERY

from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage

CANARY = "canary-of-hands"
CORRECTED = ["ClusterRole", "ConfigMap", "CronJob", "Deployment", "NetworkPolicy", "Secret", "Service", "StatefulSet"]
CORRECTED += ["Bucket", "Policy", "User"]


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def restarted(kubectl: Kubectl) -> None:
    kubectl("rollout", "restart", "deployment/mlflow", "-n", "monitoring")
    kubectl("rollout", "status", "deployment/mlflow", "-n", "monitoring", "--timeout=170s")


def test_an_untouched_stack_has_no_finding_in_twenty_checks_and_nothing_is_written(checks: Checks) -> None:
    began = now()
    done = checks.run(inventory=checks.aliases(20), drift_schedule="")
    assert done.status == 0, done.texts[0]
    assert {name: report["findings"] for name, report in done.reports.items() if report["findings"]} == {}
    assert len(done.reports) >= 20
    assert audited(began, "kubernetes-admin") == []


def test_the_scheduled_check_says_the_same_and_writes_only_its_report(kubectl: Kubectl) -> None:
    began = now()
    kubectl("create", "job", "by-hand", "--from=cronjob/tracking-drift", "-n", "monitoring")
    kubectl("wait", "job/by-hand", "-n", "monitoring", "--for=condition=Complete", "--timeout=170s")
    kept = json.loads(kubectl("get", "configmap", "tracking-drift-reports", "-n", "monitoring", "-o", "json"))["data"]
    [report] = [json.loads(text) for text in kept.values()]
    assert (report["status"], report["findings"], report["not_told"]) == (0, [], [])
    writes = audited(began, "system:serviceaccount:monitoring:tracking-drift")
    assert [write.split("?")[0] for write in writes] == [
        "patch /api/v1/namespaces/monitoring/configmaps/tracking-drift-reports"
    ]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["scale", "deployment/mlflow", "--replicas=0", "-n", "monitoring"], "forbidden"),
        (["label", "deployment/mlflow", "x=y", "-n", "monitoring"], "writes nothing but its report"),
        (["label", "namespace", "storage", "x=y"], "writes nothing but its report"),
        (["label", "configmap", "tracking-drift", "x=y", "-n", "monitoring"], "writes nothing but its report"),
        (["delete", "secret", "minio-root", "-n", "storage"], "forbidden"),
        (["delete", "pvc", "minio-data", "-n", "storage"], "forbidden"),
        (["create", "configmap", "mine", "-n", "monitoring"], "forbidden"),
        (["get", "secrets", "-n", "storage"], "forbidden"),
        (["get", "secret", "stranger", "-n", "training"], "forbidden"),
        (["get", "pods", "-n", "monitoring"], "forbidden"),
        (["get", "configmaps", "-n", "kube-system"], "forbidden"),
        (["exec", "minio-0", "-n", "storage", "--", "true"], "forbidden"),
    ],
    ids=lambda value: "-".join(value[:3]).replace("/", "-") if isinstance(value, list) else None,
)
def test_what_the_scheduled_check_may_not_do_is_refused(kubectl: Kubectl, arguments: list[str], word: str) -> None:
    assert word in kubectl(*arguments, as_check=True, fails=True)


def test_it_may_dry_run_what_it_may_not_write(kubectl: Kubectl) -> None:
    kubectl("label", "deployment/mlflow", "x=y", "-n", "monitoring", "--dry-run=server", as_check=True)


def test_an_autoscaler_and_a_restart_are_no_drift(checks: Checks, kubectl: Kubectl) -> None:
    kubectl("autoscale", "deployment/mlflow", "-n", "monitoring", "--min=1", "--max=1", "--cpu=90%")
    restarted(kubectl)
    done = checks.run()
    kubectl("delete", "hpa", "mlflow", "-n", "monitoring")
    assert (done.status, done.findings) == (0, set()), done.texts[0]


def mutated_check(checks: Checks, kubectl: Kubectl, storage: Storage) -> Check:
    for hand in EVERY:
        hand.act(kubectl, storage)
    return checks.run("-vvv")


def test_every_hand_is_found_with_path_and_author_and_nothing_else(
    checks: Checks, kubectl: Kubectl, storage: Storage
) -> None:
    assert len(EVERY) >= 30
    done = mutated_check(checks, kubectl, storage)
    wanted = {hand.finding for hand in EVERY}
    assert done.findings - wanted == set()
    assert wanted - done.findings == set()
    assert done.report["not_told"] == []
    assert done.status == 2
    assert [text[:80] for text in done.texts if CANARY in text] == []


def test_what_may_be_put_right_is_and_what_holds_data_is_left(checks: Checks) -> None:
    done = checks.run(drift_mode="correct", drift_correct_kinds=CORRECTED)
    assert done.status == 2, done.texts[0]
    left: set[Any] = {finding[0] for finding in done.findings}
    assert left == {
        "Namespace storage",
        "Namespace training",
        "PersistentVolumeClaim storage/minio-data",
        "PersistentVolumeClaim monitoring/mlflow-pvc",
        "Secret storage/stranger",
        "Service monitoring/stranger",
    }


def test_a_server_that_is_down_is_told_with_the_rest_intact(checks: Checks, kubectl: Kubectl) -> None:
    kubectl("scale", "statefulset/minio", "--replicas=0", "-n", "storage")
    kubectl("wait", "pod/minio-0", "-n", "storage", "--for=delete", "--timeout=120s")
    done = checks.run()
    assert done.status == 6, done.texts[0]
    assert ("StatefulSet storage/minio", "changed", "spec.replicas") in {finding[:3] for finding in done.findings}
    assert {each["what"] for each in done.report["not_told"]} == {
        "mlops.tracking.minio : Keep the bucket",
        "mlops.tracking.minio : Keep what MLflow and training Jobs may do",
        "mlops.tracking.minio : Keep the users of MLflow and of training Jobs",
    }
