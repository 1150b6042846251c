"""The stack's MLflow: what it is on, whether it serves, and its SQLite file, which is filled here."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from user_job import image_of_mlflow, run_training

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.journal import Journal, read
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport

JSON = Any

TRACKING_URI = "http://mlflow.monitoring.svc.cluster.local:5000"
DEPLOYMENT = "/apis/apps/v1/namespaces/monitoring/deployments/mlflow"
RECORD = "/api/v1/namespaces/monitoring/configmaps/tracking-backend"
PODS = "/api/v1/namespaces/monitoring/pods"
FILL = (Path(__file__).parents[1] / "migration/fill.py").read_text(encoding="utf-8")
FILL_AUTH = (Path(__file__).parents[1] / "migration/fill_auth.py").read_text(encoding="utf-8")
IN_THE_FILE = """
import json, sqlite3, sys
connection = sqlite3.connect("/mlflow/mlflow.db", timeout=60)
connection.executescript(sys.argv[1])
print(json.dumps(connection.execute(sys.argv[2]).fetchall()))
"""
COUNTS = """
import hashlib, json, math, os, sqlite3
connection = sqlite3.connect("file:/mlflow/mlflow.db?mode=ro", uri=True)
names = [name for (name,) in connection.execute(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
edge = [value.hex() for (value,) in connection.execute("SELECT value FROM metrics WHERE key = 'edge' ORDER BY step")]
zeros = [value for (value,) in connection.execute("SELECT value FROM metrics WHERE value = 0")]
with open("/mlflow/mlflow.db", "rb") as stream:
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
left_out = "/mlflow/migration/quarantined.jsonl"
lines = open(left_out).read().splitlines() if os.path.exists(left_out) else []
told = {"counts": counts, "edge": edge, "sha256": digest, "left_out": lines}
print(json.dumps({**told, "negative_zeros": sum(math.copysign(1, value) < 0 for value in zeros)}))
"""


def backend(cluster: Cluster) -> str:
    """The database that is recorded."""
    return str(cluster.request("GET", RECORD)["data"]["backend"])


def journal(cluster: Cluster) -> Journal:
    found = read(cluster, "monitoring")
    assert found is not None
    return found


def need_service(cluster: Cluster, on: str) -> None:
    """MLflow answers from its database, which is `on`."""
    assert backend(cluster) == on
    with (
        reach(cluster, TRACKING_URI) as reached,
        Transport(reached.url, host_header=reached.host_header) as transport,
    ):
        assert list(MlflowClient(transport).experiments())


def filled(cluster: Cluster, metrics: int, seed: int) -> JSON:
    """What the file holds, after what is missing was written: what a team writes, and this many metric rows."""
    found = of_the_file(cluster)
    if not found["edge"]:
        run_training(cluster, FILL, TRACKING_URI)
    if found["counts"]["metrics"] < metrics:
        # Straight into the file, and rows in every table that is empty but those that MLflow keeps up.
        on_the_claim(cluster, FILL, "/mlflow/mlflow.db", str(metrics), str(seed), "bulk")
    return of_the_file(cluster)


def with_users(cluster: Cluster) -> None:
    """A file of basic-auth's beside it, whose every table has rows."""
    program = FILL_AUTH.replace(
        "import fill\n", f"import types; fill = types.ModuleType('fill'); exec({FILL!r}, vars(fill))\n"
    )
    on_the_claim(cluster, program, "/mlflow/basic_auth.db")


def in_the_file(cluster: Cluster, script: str, query: str = "SELECT 1") -> JSON:
    """Runs a script on the SQLite file, and gives the rows of a query after it."""
    return json.loads(on_the_claim(cluster, IN_THE_FILE, script, query).splitlines()[-1])


def of_the_file(cluster: Cluster) -> JSON:
    """{counts: {table: rows}, edge: floats in hexadecimal, negative_zeros, sha256, left_out: lines of the report}."""
    return json.loads(on_the_claim(cluster, COUNTS).splitlines()[-1])


def on_the_claim(cluster: Cluster, program: str, *arguments: str) -> str:
    """What a program of Python printed in a pod that has the claim at /mlflow, beside a server that may run."""
    name = f"on-the-claim-{secrets.token_hex(4)}"
    cluster.request("POST", PODS, body=_pod(name, image_of_mlflow(cluster), program, arguments))
    try:
        phase = wait_until(lambda: _ended(cluster, name), 300)
        log = str(cluster.request("GET", f"{PODS}/{name}/log", is_text=True))
    finally:
        cluster.request("DELETE", f"{PODS}/{name}", query={"gracePeriodSeconds": 0})
    assert phase == "Succeeded", log
    return log


def _ended(cluster: Cluster, name: str) -> str:
    phase = str(cluster.request("GET", f"{PODS}/{name}")["status"]["phase"])
    return phase if phase in ("Succeeded", "Failed") else ""


def _pod(name: str, image: str, program: str, arguments: tuple[str, ...]) -> JSON:
    return {
        "metadata": {"name": name},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "runAsGroup": 1000,
                "fsGroup": 1000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumes": [{"name": "database", "persistentVolumeClaim": {"claimName": "mlflow-pvc"}}],
            "containers": [
                {
                    "name": "program",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["python", "-c", program, *arguments],
                    "env": [{"name": "HOME", "value": "/tmp"}],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    "volumeMounts": [{"name": "database", "mountPath": "/mlflow"}],
                }
            ],
        },
    }


def wait_until(holds: Callable[[], Any], seconds: float = 120) -> Any:
    """What `holds` answers with as soon as that is something."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, holds
        time.sleep(0.2)
    return found
