"""A real etcd and kube-apiserver as processes of the test: no node, no controller, ready in seconds."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
import yaml
from client_certificates import ClientAuthority
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT = Path(__file__).parents[2]
_EVENT = '{"kind":"Event"'
START_SECONDS = 60

AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    userGroups: [testers]
  - level: None
"""
# Users of the token file: who may do all, and who may only look at namespace `allowed`.
TOKENS = """all-token,tester,1,"system:masters,testers"
other-token,tester,1,"system:masters,testers"
looker-token,looker,2,"testers"
"""


class Program:
    """A process that is ended with its `with` block, and may be ended and begun again before. Its log is beside it."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._path = Path(command[0])
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Program:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        with self._path.with_suffix(".log").open("ab") as output:
            self._process = subprocess.Popen(self._command, stdout=output, stderr=output, cwd=self._path.parent)

    def stop(self, *, at_once: bool = False) -> None:
        """at_once: as a machine that loses its power."""
        process, self._process = self._process, None
        if process is None:
            return
        if not at_once:
            process.terminate()
        try:
            process.wait(timeout=0 if at_once else 10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class ApiServer:
    """A running API server. `folder` holds its certificates, its audit log and the kubeconfigs."""

    url: str
    folder: Path
    clients: ClientAuthority
    program: Program

    @property
    def kubeconfig(self) -> str:
        """A kubeconfig with the contexts `all` (may do everything) and `looker` (may do nothing at first)."""
        return str(self.folder / "kubeconfig")

    def kubeconfig_through(self, url: str, token: str = "all-token") -> str:
        """A kubeconfig of one context that reaches the server at another url."""
        path = self.folder / f"kubeconfig-{secrets.token_hex(4)}"
        content = {
            "current-context": "through",
            "clusters": [{"name": "through", "cluster": {"server": url}}],
            "users": [{"name": "through", "user": {"token": token}}],
            "contexts": [{"name": "through", "context": {"cluster": "through", "user": "through"}}],
        }
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return str(path)

    def audit(self) -> list[dict[str, Any]]:
        """The requests of the tests so far, first to last."""
        lines = (self.folder / "audit.log").read_text(encoding="utf-8").splitlines()
        # A server that loses power leaves its last line cut off, and the next one writes on behind it.
        whole = (line[line.rfind(_EVENT) :] for line in lines)
        return [json.loads(line) for line in whole if line.endswith("}")]

    def writes_since(self, count: int) -> list[str]:
        """The requests after the first `count` that may have written, as `verb path`; dry runs are none."""
        return [
            f"{event['verb']} {event['requestURI']}"
            for event in self.audit()[count:]
            if event["verb"] not in ("get", "list", "watch") and "dryRun=All" not in event["requestURI"]
        ]

    def await_ready(self) -> None:
        """Comes back when it answers and has made its first objects."""
        pool = urllib3.PoolManager(cert_reqs="CERT_NONE", retries=False)
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        headers = {"Authorization": "Bearer all-token"}
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                ready = pool.request("GET", f"{self.url}/readyz", headers=headers)
                default = pool.request("GET", f"{self.url}/api/v1/namespaces/default", headers=headers)
                if ready.status == default.status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError((self.folder / "kube-apiserver.log").read_text(encoding="utf-8")[-3000:])


def kubernetes_binary() -> Path:
    """The binary that is all of Kubernetes' programs by its name: KUBERNETES_BINARY, or the one that is built."""
    given = os.environ.get("KUBERNETES_BINARY")
    if given:
        return Path(given)
    command = [sys.executable, "images/build.py", "binary", "kubernetes"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Path(built.stdout.strip().splitlines()[-1])


@contextlib.contextmanager
def running_api_server(folder: Path) -> Iterator[ApiServer]:
    """Starts both, and ends both."""
    for program in ("etcd", "kube-apiserver"):
        (folder / program).symlink_to(kubernetes_binary())
    client, peer, secure = _free_ports(3)
    _write_inputs(folder)
    clients = ClientAuthority(folder / "clients.crt")
    with Program(_etcd(folder, client, peer)), Program(_kube_apiserver(folder, client, secure)) as program:
        server = ApiServer(f"https://127.0.0.1:{secure}", folder, clients, program)
        _write_kubeconfig(server)
        server.await_ready()
        yield server


def _etcd(folder: Path, client: int, peer: int) -> list[str]:
    return [
        str(folder / "etcd"),
        f"--data-dir={folder}/data",
        f"--listen-client-urls=http://127.0.0.1:{client}",
        f"--advertise-client-urls=http://127.0.0.1:{client}",
        f"--listen-peer-urls=http://127.0.0.1:{peer}",
        "--unsafe-no-fsync",
        "--log-level=error",
    ]


def _kube_apiserver(folder: Path, etcd: int, secure: int) -> list[str]:
    return [
        str(folder / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={secure}",
        f"--cert-dir={folder}/certificates",
        f"--token-auth-file={folder}/tokens.csv",
        f"--client-ca-file={folder}/clients.crt",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--service-account-issuer=https://tests",
        f"--service-account-key-file={folder}/service-account.key",
        f"--service-account-signing-key-file={folder}/service-account.key",
        "--disable-admission-plugins=ServiceAccount",
        "--feature-gates=MutatingAdmissionPolicy=true",
        "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
        f"--audit-policy-file={folder}/audit-policy.yaml",
        f"--audit-log-path={folder}/audit.log",
        "--audit-log-mode=blocking",
        "--v=0",
    ]


def _write_inputs(folder: Path) -> None:
    (folder / "tokens.csv").write_text(TOKENS, encoding="utf-8")
    (folder / "audit-policy.yaml").write_text(AUDIT_POLICY, encoding="utf-8")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (folder / "service-account.key").write_bytes(pem)


def _write_kubeconfig(server: ApiServer) -> None:
    authority = str(server.folder / "certificates/apiserver.crt")  # it signed itself
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "all",
        "clusters": [{"name": "tests", "cluster": {"server": server.url, "certificate-authority": authority}}],
        "users": [{"name": name, "user": {"token": f"{name}-token"}} for name in ("all", "looker")],
        "contexts": [{"name": name, "context": {"cluster": "tests", "user": name}} for name in ("all", "looker")],
    }
    Path(server.kubeconfig).write_text(yaml.safe_dump(content), encoding="utf-8")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]
