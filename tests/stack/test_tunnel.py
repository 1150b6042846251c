"""A Service is reached from outside the cluster through a local port."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3
from workloads import apply, deployment, image_of_workloads

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach

# Answers GET /<n> with n bytes, and POST with the digest of what it got.
PROGRAM = """
import hashlib, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, body):
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer(b"x" * int(self.path[1:]))
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(hashlib.sha256(body).hexdigest().encode())
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def url(cluster: Cluster) -> Iterator[str]:
    name = f"engine-{secrets.token_hex(4)}"
    probe = {"tcpSocket": {"port": "http"}, "periodSeconds": 1}
    ports = [{"name": "http", "containerPort": 8080}]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": name},
        "spec": {"selector": {"app": "workload"}, "ports": [{"port": 80, "targetPort": "http"}]},
    }
    apply(
        cluster,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
        service,
        deployment(name, image_of_workloads(cluster), PROGRAM, readinessProbe=probe, ports=ports),
    )
    yield f"http://web.{name}.svc.cluster.local"
    cluster.request("DELETE", f"/api/v1/namespaces/{name}")


def test_carries_large_bodies_both_ways(cluster: Cluster, url: str) -> None:
    body = secrets.token_bytes(8_000_000)
    with reach(cluster, url) as reached:
        pool = urllib3.PoolManager(retries=False)
        assert len(pool.request("GET", f"{reached.url}/8000000").data) == 8_000_000
        answer = pool.request("POST", reached.url, body=body, headers={"Host": reached.host_header})
    assert answer.data.decode() == hashlib.sha256(body).hexdigest()


def test_carries_many_connections_at_once(cluster: Cluster, url: str) -> None:
    with reach(cluster, url) as reached, ThreadPoolExecutor(16) as threads:
        sizes = [number * 1000 for number in range(1, 33)]
        pool = urllib3.PoolManager(retries=False, maxsize=16)
        got = threads.map(lambda size: len(pool.request("GET", f"{reached.url}/{size}").data), sizes)
        assert list(got) == sizes


def test_is_gone_after_its_block(cluster: Cluster, url: str) -> None:
    with reach(cluster, url) as reached:
        pass
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.PoolManager(retries=False).request("GET", reached.url)


def test_a_wrong_port_and_a_missing_service_are_named(cluster: Cluster, url: str) -> None:
    with pytest.raises(TrackingError, match="has only the ports 80"), reach(cluster, f"{url}:81"):
        pass
    with pytest.raises(TrackingError, match="there is no such Service"), reach(cluster, url.replace("web", "no")):
        pass
