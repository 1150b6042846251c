"""A volume of one MiB that is really full at one MiB: a tmpfs on the node behind a PersistentVolume."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

START_SECONDS = 60
# What a CSI driver does: mount below a directory whose mounts the node sees too.
MOUNT = """
import ctypes, os, sys
libc, path = ctypes.CDLL(None, use_errno=True), sys.argv[1].encode()
os.makedirs(path)
sys.exit(libc.mount(b"tmpfs", path, b"tmpfs", 0, b"size=1m,mode=777") and ctypes.get_errno())
"""
UNMOUNT = """
import ctypes, os, sys
path = sys.argv[1].encode()
ctypes.CDLL(None).umount2(path, 2)  # MNT_DETACH: whoever still has it open keeps it
os.rmdir(path)
"""


@contextlib.contextmanager
def small_volume(cluster: Cluster, image: str, namespace: str, *, is_local: bool = False) -> Iterator[str]:
    """The name of a PersistentVolume for claim `data` in that namespace, until the end of the block.

    is_local: of the kind whose use the kubelet counts.
    """
    name = f"small-{secrets.token_hex(4)}"
    _run_on_node(cluster, image, MOUNT, name)
    try:
        cluster.request("POST", "/api/v1/persistentvolumes", body=_volume(cluster, name, namespace, is_local))
        try:
            yield name
        finally:
            cluster.request("DELETE", f"/api/v1/persistentvolumes/{name}")
    finally:
        _run_on_node(cluster, image, UNMOUNT, name)


def _volume(cluster: Cluster, name: str, namespace: str, is_local: bool) -> JSON:
    where: JSON = {"hostPath": {"path": f"/tmp/{name}"}}
    if is_local:
        (node, *_) = cluster.request("GET", "/api/v1/nodes")["items"]
        host = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node["metadata"]["name"]]}
        where = {
            "local": {"path": f"/tmp/{name}"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [host]}]}},
        }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "1Mi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            **where,
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": namespace, "name": "data"},
        },
    }


def _run_on_node(cluster: Cluster, image: str, program: str, name: str) -> None:
    pods = "/api/v1/namespaces/default/pods"
    pod = f"{name}-{secrets.token_hex(2)}"
    cluster.request("POST", pods, body={"metadata": {"name": pod}, "spec": _privileged(image, program, name)})
    try:
        deadline = time.monotonic() + START_SECONDS
        while (phase := cluster.request("GET", f"{pods}/{pod}")["status"]["phase"]) in ("Pending", "Running"):
            assert time.monotonic() < deadline, phase
            time.sleep(0.2)
        assert phase == "Succeeded", cluster.request("GET", f"{pods}/{pod}/log", is_text=True)
    finally:
        cluster.request("DELETE", f"{pods}/{pod}", query={"gracePeriodSeconds": 0})


def _privileged(image: str, program: str, name: str) -> JSON:
    mount = {"name": "node", "mountPath": "/node", "mountPropagation": "Bidirectional"}
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "volumes": [{"name": "node", "hostPath": {"path": "/tmp"}}],
        "containers": [
            {
                "name": "python",
                "image": image,
                "imagePullPolicy": "IfNotPresent",
                "command": ["python3", "-c", program, f"/node/{name}"],
                "securityContext": {"privileged": True, "runAsUser": 0},
                "volumeMounts": [mount],
            }
        ],
    }
