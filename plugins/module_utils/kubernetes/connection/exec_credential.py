"""Credentials that a program of the kubeconfig prints, as clouds have them: run when they are needed and not before.

Protocol: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput

JSON = Any

_SECONDS_TO_PRINT = 60.0
_LONGEST_STORY = 300
_OF_CLUSTER = (
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
    "disable-compression",
)
_EXTENSION = "client.authentication.k8s.io/exec"


class ExecCredential:
    """What one program printed last. Threads that need it at once wait for one run of it.

    program: the user's `exec`. cluster: the kubeconfig's, which the program is told if it asks for it.
    folder: where the kubeconfig is. source: the context, for messages. Raises InvalidInput where there are no
    credentials, saying why.
    """

    def __init__(self, program: Mapping[str, JSON], cluster: Mapping[str, JSON], folder: str, source: str) -> None:
        self._program = program
        self._cluster = cluster
        self._folder = folder
        self._source = source
        self._lock = threading.Lock()
        self._status = self._run()

    @property
    def certificate(self) -> str:
        """PEM; empty where the program gives a token only."""
        return str(self._status.get("clientCertificateData") or "")

    @property
    def key(self) -> str:
        """PEM."""
        return str(self._status.get("clientKeyData") or "")

    def authorization(self) -> str | None:
        """The header of now. The program is run again once what it printed has expired."""
        with self._lock:
            if _has_expired(self._status):
                self._status = self._run()
            token = self._status.get("token")
        return f"Bearer {token}" if token else None

    def _run(self) -> Mapping[str, JSON]:
        program = self._program
        if program.get("interactiveMode") == "Always":
            raise self._none("its program wants a terminal to ask in, and there is none")
        command = str(program.get("command", ""))
        arguments = [self._path(command), *(str(each) for each in program.get("args") or [])]
        given = {str(each["name"]): str(each["value"]) for each in program.get("env") or []}
        environment = {**os.environ, **given, "KUBERNETES_EXEC_INFO": json.dumps(self._told())}
        try:
            done = subprocess.run(
                arguments,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_SECONDS_TO_PRINT,
            )
        except OSError as error:
            hint = str(program.get("installHint") or "")
            raise self._none(f"its program {command} cannot be run: {error.strerror}", hint) from None
        except subprocess.TimeoutExpired:
            raise self._none(f"its program {command} did not end within {_SECONDS_TO_PRINT:g} s") from None
        if done.returncode:
            said = " ".join(done.stderr.split())[-_LONGEST_STORY:]
            raise self._none(f"its program {command} ended with {done.returncode}" + (f": {said}" if said else ""))
        return self._printed(command, done.stdout)

    def _path(self, command: str) -> str:
        is_relative = os.sep in command and not os.path.isabs(command)
        return str(Path(self._folder, command)) if is_relative else command

    def _told(self) -> JSON:
        spec: dict[str, JSON] = {"interactive": False}
        if self._program.get("provideClusterInfo"):
            spec["cluster"] = {key: self._cluster[key] for key in _OF_CLUSTER if key in self._cluster}
            for each in self._cluster.get("extensions") or []:
                if each.get("name") == _EXTENSION:
                    spec["cluster"]["config"] = each.get("extension")
        return {"apiVersion": self._program.get("apiVersion"), "kind": "ExecCredential", "spec": spec}

    def _printed(self, command: str, text: str) -> Mapping[str, JSON]:
        """What it printed is never shown: it may be a secret."""
        try:
            printed = json.loads(text)
            status = printed["status"]
            is_of_version = printed["apiVersion"] == self._program.get("apiVersion")
            is_usable = bool(
                status.get("token") or (status.get("clientCertificateData") and status.get("clientKeyData"))
            )
            _has_expired(status)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._none(f"its program {command} did not print an ExecCredential") from None
        if not is_of_version:
            raise self._none(f"its program {command} speaks another apiVersion than {self._program.get('apiVersion')}")
        if not is_usable:
            raise self._none(f"its program {command} printed neither a token nor a certificate with its key")
        return dict(status)

    def _none(self, why: str, mend: str = "") -> InvalidInput:
        return InvalidInput(
            "kubernetes_context",
            f"{self._source} gives no credentials ({why})",
            mend or "Run `kubectl get namespaces` with it, which shows the same failure, and mend that first",
        )


def _has_expired(status: Mapping[str, JSON]) -> bool:
    until = status.get("expirationTimestamp")
    if not until:
        return False
    moment = datetime.fromisoformat(str(until))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= datetime.now(UTC)
