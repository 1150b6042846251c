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


def test_a_database_is_known_by_what_it_would_end_with() -> None:
    def origin(kind: str, pod: str, container: str) -> str:
        statuses = [{"name": "server", "containerID": container}]
        metadata = {"name": "mlflow", "namespace": "monitoring", "uid": pod}
        made = Adoptee({}, {"metadata": metadata, "status": {"containerStatuses": statuses}})
        return made.origin_of(Home(kind, "runs", "mlflow.db"), "server")

    for kind, count in {"claim": 1, "emptyDir": 2, "container": 3}.items():
        assert len({origin(kind, *each) for each in (("1", "a"), ("1", "b"), ("2", "b"))}) == count, kind


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
