"""A validating webhook that denies everything and quotes what it was sent, in every way a careless author might."""

from __future__ import annotations

import base64
import contextlib
import datetime
import html
import ipaddress
import json
import ssl
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

JSON = Any


@contextlib.contextmanager
def quoting_webhook(folder: Path, namespace: str, resources: list[str]) -> Iterator[JSON]:
    """The configuration to create, while the server runs."""
    certificate = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "webhook.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield _configuration(namespace, resources, server.server_port, certificate)
        server.shutdown()


def quoted(value: str) -> list[str]:
    """A value in all the ways that it is quoted."""
    raw = value.encode()
    ways = [
        value,
        repr(value),
        json.dumps(value),
        json.dumps(value, ensure_ascii=False),
        json.dumps({"password": value}),
        json.dumps(json.dumps({"value": value})),
        json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
        urllib.parse.quote(value),
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
        urllib.parse.urlencode({"value": value}).lower() if value.islower() else urllib.parse.urlencode({"v": value}),
        html.escape(value),
        f"postgresql://mlflow:{urllib.parse.quote(value, safe='')}@postgres:5432/mlflow",
        base64.b64encode(raw).decode(),
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        base64.b64encode(b"user:" + raw).decode(),
        base64.b64encode(base64.b64encode(raw)).decode(),
        *value.splitlines(),
    ]
    return [f"[{way}]" for way in ways]


def _values(value: JSON) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key != "metadata":
                yield from _values(part)
    elif isinstance(value, list):
        for part in value:
            yield from _values(part)
    elif isinstance(value, str):
        yield value


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = review["request"]["object"] or {}
        values = list(_values({key: part for key, part in body.items() if key not in ("apiVersion", "kind")}))
        for text in list(values) if body.get("kind") == "Secret" else ():
            with contextlib.suppress(ValueError):
                values.append(base64.b64decode(text, validate=True).decode())
        message = "denied: " + " ".join(each for value in values for each in quoted(value))
        response = {"uid": review["request"]["uid"], "allowed": False, "status": {"message": message}}
        answer = json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


def _configuration(namespace: str, resources: list[str], port: int, certificate: bytes) -> JSON:
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": resources}
    webhook = {
        "name": "quoting.example.org",
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "clientConfig": {
            "url": f"https://127.0.0.1:{port}/",
            "caBundle": base64.b64encode(certificate).decode(),
        },
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": f"quoting-{namespace}"},
        "webhooks": [webhook],
    }


def _certificate(folder: Path) -> bytes:
    """In PEM; key and certificate are written to `webhook.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "webhook.pem").write_bytes(private + certificate)
    return certificate
