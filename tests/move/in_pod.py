"""Commands in pods that run, and SQL where a database is."""

from __future__ import annotations

import os

from kubernetes import client, config
from kubernetes.stream import stream

SECONDS = 300
NAMESPACE = "monitoring"


def run_in_pod(pod: str, *command: str, namespace: str = NAMESPACE, container: str = "") -> str:
    """What the command printed; one that fails fails the test."""
    api = client.CoreV1Api(
        config.new_client_from_config(os.environ.get("KUBECONFIG"), os.environ.get("KUBERNETES_CONTEXT"))
    )
    named = {"container": container} if container else {}
    running = stream(
        api.connect_get_namespaced_pod_exec,
        pod,
        namespace,
        command=list(command),
        stdin=False,
        stdout=True,
        stderr=True,
        tty=False,
        _preload_content=False,
        **named,
    )
    running.run_forever(timeout=SECONDS)
    output: str = running.read_stdout(timeout=0) if running.peek_stdout(timeout=0) else ""
    said: str = running.read_stderr(timeout=0) if running.peek_stderr(timeout=0) else ""
    assert running.returncode == 0, output + said
    return output


def in_postgres(query: str, database: str = "mlflow", pod: str = "postgres-0", namespace: str = NAMESPACE) -> list[str]:
    """The rows of a statement as text, run as the superuser."""
    command = ("psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", query)
    return run_in_pod(pod, *command, namespace=namespace).splitlines()
