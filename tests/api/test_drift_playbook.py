"""The drift check as people run it: its exit status, its reports, and that nothing but its report is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from drift_playbook import DriftPlaybook, keep
from engine import Engine
from fault_proxy import FaultProxy, break_off, late, reset, status
from objects_to_apply import config_map, deployment, everything, secret

JSON = Any

CANARY = "canary-of-the-drift"
MINIO_THAT_IS_DOWN = {
    "endpoint": "http://127.0.0.1:1",
    "access_key": "nobody",
    "secret_key": CANARY,
    "buckets": [{"name": "training-results"}],
}
FORMATS = ["table", "json", "junit", "sarif", "prometheus"]


@pytest.fixture
def drift(tmp_path: Path) -> DriftPlaybook:
    return DriftPlaybook(tmp_path)


def cluster(engine: Engine, context: str = "all") -> JSON:
    return {"kubernetes_kubeconfig": engine.server.kubeconfig, "kubernetes_context": context}


def files(drift: DriftPlaybook) -> JSON:
    return {"drift_formats": FORMATS, "drift_report_directory": str(drift.reports)}


def report(text: str) -> JSON:
    return json.loads(text)


def test_nothing_differs_and_the_status_is_0(engine: Engine, drift: DriftPlaybook) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    done = drift.run({"one": cluster(engine)}, [keep("Keep", *described)])
    assert done.status == 0, done.output
    assert "one: 6 of 6 objects as described" in done.output


def test_what_waits_for_a_set_is_not_even_rendered(engine: Engine, drift: DriftPlaybook) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    wait = {"name": "Wait", "mlops.tracking.manifests": {"templates": ["no-such-template.yaml.j2"], "state": "ready"}}
    done = drift.run({"one": cluster(engine)}, [keep("Keep", *described), wait])
    assert done.status == 0, done.output


def test_drift_is_2_in_every_format_and_writes_nothing(engine: Engine, drift: DriftPlaybook) -> None:
    described = [*everything(engine.namespace), secret(engine.namespace, "more", word=CANARY)]
    engine.apply(*described)
    engine.edit(deployment(engine.namespace), {"spec": {"replicas": 3}}, "kubectl", "scale")
    engine.edit(secret(engine.namespace, "more"), {"stringData": {"word": f"{CANARY}-other"}}, "kubectl-edit")
    mark = engine.audit_mark()
    # In a variable, as in an inventory: Ansible shows the lines of a playbook around a task that fails.
    task = {"name": "Keep", "mlops.tracking.manifests": {"definitions": "{{ described }}"}}
    done = drift.run({"one": cluster(engine)}, [task], "-vvv", described=described, **files(drift))
    assert done.status == 2, done.output
    assert engine.server.writes_since(mark) == []
    assert sorted(done.files) == [f"drift-one.{ending}" for ending in ("json", "prom", "sarif", "txt", "xml")]
    found = report(done.files["drift-one.json"])["findings"]
    assert [(each["path"], each["manager"]) for each in found] == [
        ("spec.replicas", "kubectl"),
        ("data.word", "kubectl-edit"),
    ]
    for text in (done.output, *done.files.values()):
        assert CANARY not in text
        assert "Y2FuYXJ5" not in text


def test_what_may_not_be_looked_at_is_4_with_the_rest_intact(engine: Engine, drift: DriftPlaybook) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    refused = {**keep("Refused", config_map(engine.namespace)), "vars": {"kubernetes_context": "looker"}}
    tasks = [
        keep("First", *described[:3]),
        refused,
        {"name": "Broken", "ansible.builtin.debug": {"msg": "{{ no_such }}"}},
    ]
    done = drift.run({"one": cluster(engine)}, [*tasks, keep("Last", *described[3:])], **files(drift))
    assert done.status == 4, done.output
    told = report(done.files["drift-one.json"])
    assert told["objects"]["in_sync"] == 6
    assert [each["what"] for each in told["not_told"]] == [f"ConfigMap {engine.namespace}/settings", "Broken"]
    assert "403" in told["not_told"][0]["why"]


def test_several_clusters_add_up_and_one_that_cannot_be_reached_takes_nothing_from_the_other(
    engine: Engine, drift: DriftPlaybook
) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(config_map(engine.namespace), {"data": {"more": "m"}}, "kubectl-edit")
    gone = {"kubernetes_kubeconfig": engine.server.kubeconfig_through("https://127.0.0.1:1")}
    done = drift.run({"one": cluster(engine), "two": gone}, [keep("Keep", *described)], **files(drift))
    assert done.status == 6, done.output
    assert report(done.files["drift-one.json"])["status"] == 2
    assert report(done.files["drift-two.json"])["status"] == 4


def test_an_expired_token_is_4(engine: Engine, drift: DriftPlaybook, proxy: FaultProxy) -> None:
    expired = {"kubernetes_kubeconfig": engine.server.kubeconfig_through(proxy.url, token="expired")}
    done = drift.run({"one": expired}, [keep("Keep", config_map(engine.namespace))], **files(drift))
    assert done.status == 4, done.output
    assert "401" in report(done.files["drift-one.json"])["not_told"][0]["why"]


def test_a_token_that_expires_in_the_middle_is_4_with_the_rest_intact(
    engine: Engine, drift: DriftPlaybook, proxy: FaultProxy
) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(config_map(engine.namespace), {"data": {"more": "m"}}, "kubectl-edit")
    proxy.chance = lambda request: proxy.revoke("all-token") if "/deployments" in request else None
    through = {"kubernetes_kubeconfig": engine.server.kubeconfig_through(proxy.url)}
    tasks = [keep("First", *described[:-1]), keep("Expired", described[-1])]
    done = drift.run({"one": through}, tasks, **files(drift))
    assert done.status == 6, done.output
    told = report(done.files["drift-one.json"])
    assert [each["path"] for each in told["findings"]] == ["data.more"]
    assert told["objects"]["in_sync"] == len(described) - 2
    assert [each["task"] for each in told["not_told"]] == ["Expired"]
    assert "401" in told["not_told"][0]["why"]


def test_no_cluster_at_all_is_4(engine: Engine, drift: DriftPlaybook) -> None:
    done = drift.run({"one": cluster(engine)}, [keep("Keep", config_map(engine.namespace))], "--limit", "nobody,!one")
    assert done.status != 0, done.output


def test_without_its_callback_it_is_never_0(engine: Engine, drift: DriftPlaybook) -> None:
    tasks = [keep("Keep", config_map(engine.namespace))]
    done = drift.run({"one": cluster(engine)}, tasks, callbacks="mlops.tracking.summary")
    assert done.status != 0
    assert "enable callback mlops.tracking.drift" in done.output


def test_a_rule_of_the_inventory_takes_a_finding_out(engine: Engine, drift: DriftPlaybook) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(deployment(engine.namespace), {"spec": {"replicas": 3}}, "kubectl", "scale")
    rule = {
        "object": "Deployment *",
        "pointers": ["/spec/replicas"],
        "reason": "the night shift",
        "until": "2099-01-01",
    }
    done = drift.run({"one": cluster(engine)}, [keep("Keep", *described)], drift_ignore=[rule])
    assert done.status == 0, done.output
    assert "the night shift" in done.output


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({"drift_ignore": [{"object": "Deployment *"}]}, "drift_ignore"),
        ({"drift_formats": ["pdf"]}, "drift_formats"),
        ({"drift_formats": ["json"]}, "drift_report_directory"),
    ],
)
def test_bad_variables_end_it_with_a_sentence_that_names_them(
    engine: Engine, drift: DriftPlaybook, variables: JSON, word: str
) -> None:
    engine.apply(config_map(engine.namespace))
    done = drift.run({"one": cluster(engine)}, [keep("Keep", config_map(engine.namespace))], **variables)
    assert done.status & 4, done.output
    assert word in done.output


def test_half_of_the_calls_failing_is_still_told_in_full(
    engine: Engine, drift: DriftPlaybook, proxy: FaultProxy
) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(config_map(engine.namespace), {"data": {"more": "m"}}, "kubectl-edit")
    for manifest in described:
        proxy.inject(f"/{manifest['metadata']['name']}", status(503))
    through = {"kubernetes_kubeconfig": engine.server.kubeconfig_through(proxy.url)}
    done = drift.run({"one": through}, [keep("Keep", *described)], **files(drift))
    assert done.status == 2, done.output
    assert [each["path"] for each in report(done.files["drift-one.json"])["findings"]] == ["data.more"]


@pytest.mark.parametrize("seed", [1, 2])
def test_half_of_all_calls_failing_loses_nothing(
    engine: Engine, drift: DriftPlaybook, proxy: FaultProxy, seed: int
) -> None:
    """Each object is told, or it is told that it could not be; whichever it is, the status says so."""
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(config_map(engine.namespace), {"data": {"more": "m"}}, "kubectl-edit")
    proxy.at_random(seed, 0.5, status(503), status(500), status(429), break_off, reset)
    through = {"kubernetes_kubeconfig": engine.server.kubeconfig_through(proxy.url)}
    done = drift.run({"one": through}, [keep(f"Keep {each['kind']}", each) for each in described], **files(drift))
    told = report(done.files["drift-one.json"])
    untold = {each["task"] for each in told["not_told"]}
    assert [each["path"] for each in told["findings"]] == ([] if "Keep ConfigMap" in untold else ["data.more"])
    assert told["objects"]["in_sync"] == len(
        {each["kind"] for each in described} - {"ConfigMap"} - {each.removeprefix("Keep ") for each in untold}
    )
    assert done.status == (2 if told["findings"] else 0) + (4 if untold else 0), done.output


def test_objects_that_cannot_be_read_are_told_and_the_rest_of_their_set_is_intact(
    engine: Engine, drift: DriftPlaybook, proxy: FaultProxy
) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(config_map(engine.namespace), {"data": {"more": "m"}}, "kubectl-edit")
    broken = ("/secrets", "/services", "/deployments")
    proxy.chance = lambda request: status(503) if any(each in request for each in broken) else None
    through = {"kubernetes_kubeconfig": engine.server.kubeconfig_through(proxy.url)}
    done = drift.run({"one": through}, [keep("Keep", *described)], **files(drift))
    assert done.status == 6, done.output
    told = report(done.files["drift-one.json"])
    assert [each["path"] for each in told["findings"]] == ["data.more"]
    assert told["objects"]["in_sync"] == 2
    assert {each["what"].split()[0] for each in told["not_told"]} == {"Secret", "Service", "Deployment"}
    assert all("503" in each["why"] for each in told["not_told"])


def test_a_slow_server_is_waited_for(engine: Engine, drift: DriftPlaybook, proxy: FaultProxy) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    engine.edit(config_map(engine.namespace), {"data": {"more": "m"}}, "kubectl-edit")
    proxy.always("/namespaces/", late(1))
    through = {"kubernetes_kubeconfig": engine.server.kubeconfig_through(proxy.url)}
    done = drift.run({"one": through}, [keep("Keep", *described)], **files(drift))
    assert done.status == 2, done.output
    assert [each["path"] for each in report(done.files["drift-one.json"])["findings"]] == ["data.more"]


def test_a_server_that_is_too_slow_is_4_with_the_rest_intact(
    engine: Engine, drift: DriftPlaybook, proxy: FaultProxy
) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    slow = described[0]["metadata"]["name"]
    proxy.always(f"/{slow}", late(8))
    through = {
        "kubernetes_kubeconfig": engine.server.kubeconfig_through(proxy.url),
        "kubernetes_request_timeout": 2,
    }
    tasks = [keep("Slow", described[0]), keep("Keep", *described[1:])]
    done = drift.run({"one": through}, tasks, **files(drift))
    assert done.status == 4, done.output
    told = report(done.files["drift-one.json"])
    assert told["objects"]["in_sync"] == len(described) - 1
    assert [each["task"] for each in told["not_told"]] == ["Slow"]


def test_a_server_beside_the_api_server_that_is_down_is_4_with_the_rest_intact(
    engine: Engine, drift: DriftPlaybook
) -> None:
    described = everything(engine.namespace)
    engine.apply(*described)
    tasks = [
        {"name": "Ask MLflow", "mlops.tracking.mlflow_check": {"tracking_uri": "http://127.0.0.1:1"}},
        {"name": "Ask Prometheus", "mlops.tracking.prometheus_check": {"url": "http://127.0.0.1:1"}},
        {"name": "Ask Grafana", "mlops.tracking.grafana_check": {"url": "http://127.0.0.1:1"}},
        {"name": "Ask MinIO", "mlops.tracking.minio_bucket": MINIO_THAT_IS_DOWN},
        keep("Keep", *described),
    ]
    done = drift.run({"one": cluster(engine)}, tasks, **files(drift))
    assert done.status == 4, done.output
    told = report(done.files["drift-one.json"])
    assert [each["what"] for each in told["not_told"]] == ["Ask MLflow", "Ask Prometheus", "Ask Grafana", "Ask MinIO"]
    assert told["objects"]["in_sync"] == len(described)


def test_what_may_not_be_read_takes_nothing_from_what_may(engine: Engine, drift: DriftPlaybook) -> None:
    hidden = config_map("kube-system", "not-for-lookers")
    described = [config_map(engine.namespace), hidden]
    engine.apply(described[0])
    engine.allow_looker(["get"], ["configmaps"])
    done = drift.run({"one": cluster(engine, "looker")}, [keep("Keep", *described)], **files(drift))
    assert done.status == 4, done.output
    told = report(done.files["drift-one.json"])
    assert told["objects"]["in_sync"] == 1
    assert [each["what"] for each in told["not_told"]] == ["ConfigMap kube-system/not-for-lookers"]


def test_the_last_reports_are_kept_in_the_cluster(engine: Engine, drift: DriftPlaybook) -> None:
    place = f"{engine.namespace}/reports"
    mark = engine.audit_mark()
    for _run in range(3):
        done = drift.run(
            {"one": cluster(engine)},
            [keep("Keep", config_map(engine.namespace))],
            drift_report_config_map=place,
            drift_reports_kept=2,
        )
        assert done.status == 2, done.output
    kept = engine.live(config_map(engine.namespace, "reports"))["data"]
    assert len(kept) == 2
    assert all(report(text)["status"] == 2 for text in kept.values())
    writes = engine.server.writes_since(mark)
    assert all("/configmaps" in write for write in writes)
    assert len(writes) == 3


def test_a_report_that_cannot_be_kept_is_told(engine: Engine, drift: DriftPlaybook) -> None:
    engine.apply(config_map(engine.namespace))
    done = drift.run(
        {"one": cluster(engine)},
        [keep("Keep", config_map(engine.namespace))],
        drift_report_config_map="no-such-namespace/reports",
    )
    assert done.status == 4, done.output
    assert "cannot be kept in ConfigMap no-such-namespace/reports" in done.output
