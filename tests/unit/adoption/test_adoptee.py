"""What a path in a container lies on, and by what name its database is known."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.adoptee import Adoptee, Home, home_of


def pod(*mounts: dict[str, Any]) -> dict[str, Any]:
    return {
        "containers": [{"name": "sidecar"}, {"name": "server", "volumeMounts": list(mounts)}],
        "volumes": [
            {"name": "scratch", "emptyDir": {}},
            {"name": "data", "persistentVolumeClaim": {"claimName": "runs"}},
            {"name": "node", "hostPath": {"path": "/srv"}},
        ],
    }


@pytest.mark.parametrize(
    ("mounts", "home"),
    [
        ([], Home("container", "", "/data/db/mlflow.db")),
        ([{"name": "scratch", "mountPath": "/data"}], Home("emptyDir", "", "db/mlflow.db")),
        ([{"name": "data", "mountPath": "/data/"}], Home("claim", "runs", "db/mlflow.db")),
        ([{"name": "data", "mountPath": "/data", "subPath": "mlflow"}], Home("claim", "runs", "mlflow/db/mlflow.db")),
        ([{"name": "node", "mountPath": "/data"}], Home("hostPath", "", "db/mlflow.db")),
        ([{"name": "data", "mountPath": "/dat"}], Home("container", "", "/data/db/mlflow.db")),
        (
            [{"name": "scratch", "mountPath": "/data"}, {"name": "data", "mountPath": "/data/db"}],
            Home("claim", "runs", "mlflow.db"),
        ),
    ],
)
def test_finds_the_volume_that_a_path_lies_on(mounts: list[dict[str, Any]], home: Home) -> None:
    assert home_of(pod(*mounts), "server", "/data/db/mlflow.db") == home


def test_what_ends_with_a_pod_is_anothers_in_another_pod_and_a_claim_is_the_same_in_both() -> None:
    first, second = (
        Adoptee({}, {"metadata": {"name": "mlflow", "namespace": "monitoring", "uid": uid}}) for uid in ("1", "2")
    )
    fleeting, lasting = Home("emptyDir", "", "mlflow.db"), Home("claim", "runs", "mlflow.db")
    assert first.origin_of(fleeting) != second.origin_of(fleeting)
    assert first.origin_of(lasting) == second.origin_of(lasting)


def test_looks_first_where_mlflow_is_likely() -> None:
    running = [{"name": name, "state": {"running": {}}} for name in ("proxy", "tracking")]
    made = Adoptee(
        {},
        {
            "spec": {
                "containers": [
                    {"name": "proxy", "image": "nginx:1"},
                    {"name": "ended", "image": "mlflow:1"},
                    {"name": "tracking", "image": "python:3", "args": ["mlflow", "server"]},
                ]
            },
            "status": {"containerStatuses": running},
        },
    )
    assert made.containers() == ["tracking", "proxy"]
