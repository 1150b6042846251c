"""Drift of a whole stack, from untouched to put right. The tests follow each other: what hands did stays."""

from __future__ import annotations

import datetime
import json
import time
from typing import Any

import pytest
from checks import Check, Checks, audited
from conftest import Kubectl
from hands import EVERY
from monitoring_servers import firing, rules, stored_dashboard, wait_until
from schedule import ACCOUNT, Scheduled, ended, metric, run_scheduled, start_scheduled

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow import journal
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.journal import Holder
from ansible_collections.mlops.tracking.plugins.module_utils.storage.connection import Storage

CANARY = "canary-of-hands"
CORRECTED = ["ClusterRole", "ConfigMap", "CronJob", "Deployment", "NetworkPolicy", "Role", "Secret", "Service"]
CORRECTED += ["StatefulSet", "Bucket", "Policy", "User", "DatabaseRole", "Database", "PostgreSQL"]
# What nobody described is never deleted, and what holds data is never written.
LEFT = {
    "Namespace storage",
    "Namespace training",
    "PersistentVolumeClaim storage/minio-data",
    "PersistentVolumeClaim monitoring/postgres-data",
    "Secret storage/stranger",
    "Service monitoring/stranger",
    "DatabaseRole intruder",
}
INVENTORY = "tracking.mlops/inventory=monitoring/tracking-inventory-persistence"
UNDO = [
    ["label", "namespace", "storage", "pod-security.kubernetes.io/enforce=restricted", "--overwrite"],
    ["annotate", "pvc", "postgres-data", INVENTORY, "-n", "monitoring"],
    ["label", "namespace", "training", "team-"],
    ["label", "pvc", "minio-data", "team-", "-n", "storage"],
    ["delete", "secret", "stranger", "-n", "storage"],
    ["delete", "service", "stranger", "-n", "monitoring"],
    ["exec", "postgres-0", "-n", "monitoring", "-c", "postgres", "--", "psql", "-Xqc", "DROP ROLE intruder"],
]


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def restarted(kubectl: Kubectl) -> None:
    kubectl("rollout", "restart", "deployment/mlflow", "-n", "monitoring")
    kubectl("rollout", "status", "deployment/mlflow", "-n", "monitoring", "--timeout=170s")


def replicas(kubectl: Kubectl) -> int:
    return int(kubectl("get", "deployment", "mlflow", "-n", "monitoring", "-o", "jsonpath={.spec.replicas}"))


def test_an_untouched_stack_has_no_finding_in_twenty_checks_and_nothing_is_written(checks: Checks) -> None:
    began = now()
    # What bears the host's name is of the one cluster; the schedule, which holds it, is looked at in the other tests.
    # Four at a time: as many as a machine of two cores gets through without the checks waiting for each other.
    done = checks.run(
        "-f", "4", inventory=checks.aliases(20), drift_runs_in_cluster=True, monitoring_cluster_name="molecule"
    )
    assert done.status == 0, done.texts[0]
    assert {name: report["findings"] for name, report in done.reports.items() if report["findings"]} == {}
    assert len(done.reports) >= 20
    assert audited(began, "kubernetes-admin") == []


def test_somebody_is_told_that_the_check_has_not_run(cluster: Cluster) -> None:
    wait_until("the alert that it has not run fires", lambda: "DriftNotChecked" in firing(cluster))


def test_the_scheduled_check_says_the_same_and_writes_only_its_report(kubectl: Kubectl, cluster: Cluster) -> None:
    began = now()
    done = run_scheduled(kubectl)
    assert (done.report["status"], done.report["findings"], done.report["not_told"]) == (0, [], []), done.log
    assert done.is_complete
    assert [write.split("?")[0] for write in audited(began, ACCOUNT)] == [
        "patch /api/v1/namespaces/monitoring/configmaps/tracking-drift-reports"
    ]
    wait_until("the alert ends", lambda: "DriftNotChecked" not in firing(cluster), 40)


def test_its_metrics_are_read_back_from_prometheus(kubectl: Kubectl, cluster: Cluster) -> None:
    counts = json.loads(kubectl("get", "configmap", "tracking-drift-reports", "-n", "monitoring", "-o", "json"))["data"]
    report = json.loads(counts[max(counts)])
    wait_until("they are scraped", lambda: metric(cluster, "tracking_drift_findings") == {"": 0.0}, 30)
    assert metric(cluster, "tracking_drift_objects") == report["objects"]
    assert metric(cluster, "tracking_drift_failed") == {"": 0.0}
    assert metric(cluster, "tracking_drift_duration_seconds")[""] == pytest.approx(report["seconds"], abs=2)
    assert metric(cluster, "time() - tracking_drift_last_run_timestamp_seconds")[""] < 600


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["scale", "deployment/mlflow", "--replicas=0", "-n", "monitoring"], "forbidden"),
        (["label", "deployment/mlflow", "x=y", "-n", "monitoring"], "writes nothing but its report"),
        (["label", "namespace", "storage", "x=y"], "writes nothing but its report"),
        (["label", "configmap", "tracking-drift", "x=y", "-n", "monitoring"], "writes nothing but its report"),
        (["label", "role", "tracking-prometheus", "x=y", "-n", "storage"], "writes nothing but its report"),
        (["label", "role", "tracking-drift", "x=y", "-n", "storage"], "forbidden"),
        (["label", "clusterrole", "tracking-drift", "x=y"], "forbidden"),
        (["delete", "secret", "minio-root", "-n", "storage"], "forbidden"),
        (["delete", "pvc", "minio-data", "-n", "storage"], "forbidden"),
        (["create", "configmap", "mine", "-n", "monitoring"], "forbidden"),
        (["create", "rolebinding", "mine", "--role=tracking-prometheus", "--user=me", "-n", "storage"], "forbidden"),
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
    restarted(kubectl)
    kubectl("autoscale", "deployment/mlflow", "-n", "monitoring", "--min=2", "--max=2", "--cpu=90%")
    try:
        wait_until("the autoscaler acts", lambda: replicas(kubectl) == 2, 60)
        done = checks.run()
    finally:
        kubectl("delete", "hpa", "mlflow", "-n", "monitoring")
        kubectl("scale", "deployment/mlflow", "--replicas=1", "-n", "monitoring")
    assert (done.status, done.findings) == (0, set()), done.texts[0]


def test_a_move_of_the_metadata_under_way_is_told_and_is_no_drift(
    checks: Checks, kubectl: Kubectl, cluster: Cluster
) -> None:
    elsewhere = Holder("another-machine", 7, "1")
    journal.write(cluster, "monitoring", journal.begun(None, elsewhere, "postgresql", time.time(), 600))
    # As the move leaves it for a while.
    kubectl("scale", "deployment/mlflow", "--replicas=0", "-n", "monitoring")
    try:
        done = checks.run()
    finally:
        kubectl("delete", "configmap", journal.NAME, "-n", "monitoring")
        kubectl("scale", "deployment/mlflow", "--replicas=1", "-n", "monitoring")
        kubectl("rollout", "status", "deployment/mlflow", "-n", "monitoring", "--timeout=170s")
    assert (done.status, done.findings) == (4, set()), done.texts[0]
    [told] = done.report["not_told"]
    assert "A migration of MLflow's database is under way" in told["why"]
    assert "another-machine" in told["why"]
    assert done.report["objects"]["in_sync"] > 10


def brought_to_pods(kubectl: Kubectl) -> None:
    """A kubelet looks after the volumes of a pod at once that was touched; of others, within two minutes."""
    for pod in ("prometheus-0", "grafana-0"):
        kubectl("annotate", "pod", pod, f"touched={time.time_ns()}", "--overwrite", "-n", "monitoring")


def acted(kubectl: Kubectl, storage: Storage, cluster: Cluster) -> None:
    """Every hand, one after the other; then until the servers have in force what the ConfigMaps say."""
    for hand in EVERY:
        hand.act(kubectl, storage)
    brought_to_pods(kubectl)
    wait_until("the rule changes", lambda: slow(cluster) == "Changed by hand", 180)
    wait_until("a dashboard changes", lambda: title(cluster) == "Changed by hand", 180)


def slow(cluster: Cluster) -> str:
    return str(rules(cluster)["MLflowSlow"]["annotations"]["summary"])


def title(cluster: Cluster) -> str:
    return str(stored_dashboard(cluster, "tracking-training")["title"])


def canaries_in(*texts: str) -> list[str]:
    return [text[:80] for text in texts if CANARY in text]


def test_every_hand_is_found_with_path_and_author_and_nothing_else(
    checks: Checks, kubectl: Kubectl, storage: Storage, cluster: Cluster
) -> None:
    assert len(EVERY) >= 30
    acted(kubectl, storage, cluster)
    done: Check = checks.run("-vvv")
    wanted = set().union(*(hand.findings for hand in EVERY))
    assert done.findings - wanted == set()
    assert wanted - done.findings == set()
    assert done.report["not_told"] == []
    assert done.status == 2
    assert canaries_in(*done.texts) == []


def test_the_scheduled_check_finds_them_too_and_somebody_is_told(kubectl: Kubectl, cluster: Cluster) -> None:
    done: Scheduled = run_scheduled(kubectl)
    # It may not list Secrets, and does not look at itself.
    unseen = {"Secret storage/stranger", "CronJob monitoring/tracking-drift", "ClusterRole tracking-drift"}
    wanted = {each for hand in EVERY for each in hand.findings if each[0] not in unseen}
    assert done.findings ^ wanted == set()
    assert (done.report["status"], done.report["not_told"]) == (2, []), done.log
    assert done.is_complete
    assert canaries_in(done.log, json.dumps(done.kept)) == []
    wait_until("the alert fires", lambda: "DriftFound" in firing(cluster), 60)
    assert metric(cluster, "tracking_drift_objects")["changed"] == done.report["objects"]["changed"]


def test_what_may_be_put_right_is_and_what_holds_data_is_left(
    checks: Checks, kubectl: Kubectl, cluster: Cluster
) -> None:
    done = checks.run(drift_mode="correct", drift_correct_kinds=CORRECTED)
    assert done.status == 2, done.texts[0]
    left: set[Any] = {finding[0] for finding in done.findings}
    # A kubelet takes up to two minutes to bring a ConfigMap to its pod.
    assert left - {"Rule MLflowSlow", "Dashboard tracking-minio", "Dashboard tracking-training"} == LEFT
    brought_to_pods(kubectl)
    wait_until("the rule is back", lambda: slow(cluster) == "MLflow is slow", 180)
    wait_until("the dashboard is back", lambda: title(cluster) == "Tracking: training", 180)


def test_who_did_the_rest_undoes_it_and_the_alert_ends(kubectl: Kubectl, cluster: Cluster) -> None:
    for arguments in UNDO:
        kubectl(*arguments)
    done = run_scheduled(kubectl)
    assert (done.report["status"], done.findings) == (0, set()), done.log
    wait_until("the alert ends", lambda: "DriftFound" not in firing(cluster), 60)


def test_servers_that_are_down_are_told_with_the_rest_intact_and_somebody_hears_of_it(
    checks: Checks, kubectl: Kubectl, cluster: Cluster
) -> None:
    kubectl("scale", "statefulset/minio", "--replicas=0", "-n", "storage")
    kubectl("scale", "deployment/mlflow", "--replicas=0", "-n", "monitoring")
    kubectl("scale", "statefulset/grafana", "--replicas=0", "-n", "monitoring")
    kubectl("wait", "pod/minio-0", "-n", "storage", "--for=delete", "--timeout=120s")
    kubectl("wait", "pod", "-l", "app=mlflow", "-n", "monitoring", "--for=delete", "--timeout=120s")
    kubectl("wait", "pod/grafana-0", "-n", "monitoring", "--for=delete", "--timeout=120s")
    job = start_scheduled(kubectl)  # beside the other: both wait most of the time
    done = checks.run()
    assert done.status == 6, done.texts[0]
    assert {finding[:3] for finding in done.findings} == {
        ("StatefulSet storage/minio", "changed", "spec.replicas"),
        ("Deployment monitoring/mlflow", "changed", "spec.replicas"),
        ("StatefulSet monitoring/grafana", "changed", "spec.replicas"),
    }
    assert {each["what"] for each in done.report["not_told"]} == {
        "mlops.tracking.minio : Keep the bucket",
        "mlops.tracking.minio : Keep what MLflow and training Jobs may do",
        "mlops.tracking.minio : Keep the users of MLflow and of training Jobs",
        "mlops.tracking.mlflow : Ask MLflow something only its database knows",
        "mlops.tracking.monitoring : Ask Grafana for its datasource, its dashboards and the answer of each panel",
    }
    scheduled = ended(kubectl, job)
    assert (scheduled.report["status"], scheduled.is_complete) == (6, False), scheduled.log
    assert {each["what"] for each in scheduled.report["not_told"]} == {each["what"] for each in done.report["not_told"]}
    wait_until("the alert fires", lambda: "DriftCheckFailed" in firing(cluster), 60)
