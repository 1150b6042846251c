"""A PostgreSQL that no role made: in a namespace of its own, with TLS, and a small disk that can be full."""

from __future__ import annotations

import base64
import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from in_pod import in_postgres, run_in_pod
from stack_on_sqlite import wait_until

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster

JSON = Any

NAMESPACE, POD = "databases", "tracking"
HOST = f"{POD}.{NAMESPACE}.svc"
PEM = serialization.Encoding.PEM
START = """
initdb -D /data/data -X /log/log -U postgres --auth-local=trust -E UTF8 --no-sync >/dev/null
echo 'hostssl all all all scram-sha-256' >>/data/data/pg_hba.conf
cp /certificate/tls.key /data/tls.key && chmod 600 /data/tls.key
exec postgres -D /data/data -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off -c max_wal_size=64MB \
  -c ssl=on -c ssl_cert_file=/certificate/tls.crt -c ssl_key_file=/data/tls.key
"""


@dataclass(frozen=True)
class ExternalDatabase:
    """`authority`: the certificate to check the server's by, as PEM."""

    authority: str

    def variables(self, database: str, **more: JSON) -> dict[str, JSON]:
        """What a person sets to use it."""
        return {
            "postgres_mode": "external",
            "postgres_external_host": HOST,
            "postgres_database": database,
            "postgres_external_secret": f"{NAMESPACE}/tracking-app",
            "postgres_external_sslmode": "verify-full",
            "postgres_external_ca": self.authority,
            **more,
        }

    def run(self, statement: str, database: str = "postgres") -> list[str]:
        return in_postgres(statement, database, POD, NAMESPACE)

    def tables(self, database: str) -> int:
        """How many there are."""
        query = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        return int(self.run(query, database)[0])

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Its disk has 3 MiB left within."""
        fill = "dd if=/dev/zero of=/data/filler bs=64k 2>/dev/null; truncate -s -3M /data/filler"
        run_in_pod(POD, "sh", "-c", fill, namespace=NAMESPACE)
        try:
            yield
        finally:
            run_in_pod(POD, "rm", "/data/filler", namespace=NAMESPACE)


@contextlib.contextmanager
def running(cluster: Cluster, image: str) -> Iterator[ExternalDatabase]:
    """With user `team`, whose password is in Secret tracking-app; its databases are to be made."""
    authority, certificate, key = _certificates()
    password = secrets.token_hex(12)
    pods = f"/api/v1/namespaces/{NAMESPACE}/pods"
    cluster.request("POST", "/api/v1/namespaces", body={"metadata": {"name": NAMESPACE}})
    try:
        for name, data in (
            ("tracking-app", {"username": b"team", "password": password.encode()}),
            ("certificate", {"tls.crt": certificate, "tls.key": key}),
        ):
            encoded = {field: base64.b64encode(value).decode() for field, value in data.items()}
            body = {"metadata": {"name": name}, "data": encoded}
            cluster.request("POST", f"/api/v1/namespaces/{NAMESPACE}/secrets", body=body)
        cluster.request("POST", f"/api/v1/namespaces/{NAMESPACE}/services", body=_service())
        cluster.request("POST", pods, body=_pod(image))
        wait_until(lambda: _is_ready(cluster.request("GET", f"{pods}/{POD}")))
        database = ExternalDatabase(authority.decode())
        database.run(f"CREATE ROLE team LOGIN PASSWORD '{password}'")
        yield database
    finally:
        cluster.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}")


def _is_ready(pod: JSON) -> bool:
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions") or [])


def _service() -> JSON:
    return {"metadata": {"name": POD}, "spec": {"selector": {"app": POD}, "ports": [{"port": 5432}]}}


def _pod(image: str) -> JSON:
    return {
        "metadata": {"name": POD, "labels": {"app": POD}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "securityContext": {"runAsUser": 999, "runAsGroup": 999, "fsGroup": 999},
            "volumes": [
                {"name": "data", "emptyDir": {"medium": "Memory", "sizeLimit": "320Mi"}},
                # Apart, as a server that cannot write its log ends.
                {"name": "log", "emptyDir": {}},
                {"name": "certificate", "secret": {"secretName": "certificate"}},
            ],
            "containers": [
                {
                    "name": "postgres",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["sh", "-c", START],
                    "env": [{"name": "PGHOST", "value": "/tmp"}, {"name": "PGUSER", "value": "postgres"}],
                    "readinessProbe": {"exec": {"command": ["pg_isready", "-q"]}, "periodSeconds": 1},
                    "volumeMounts": [
                        {"name": "data", "mountPath": "/data"},
                        {"name": "log", "mountPath": "/log"},
                        {"name": "certificate", "mountPath": "/certificate"},
                    ],
                }
            ],
        },
    }


def _certificates() -> tuple[bytes, bytes, bytes]:
    """An authority's certificate, and a server's with its key."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _name("an authority")
    root = _draft(authority, authority, authority_key).add_extension(x509.BasicConstraints(True, None), critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    leaf = _draft(_name(HOST), authority, key).add_extension(names, critical=False)
    signed = [each.sign(authority_key, hashes.SHA256()).public_bytes(PEM) for each in (root, leaf)]
    secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return signed[0], signed[1], secret


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _draft(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
