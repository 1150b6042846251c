"""What the server in this pod runs on, told from its processes: MLflow names its stores in its children's environment.

That holds whatever way it was told (arguments, environment, defaults, a script), and for paths that are relative.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from .wire import Refused

JSON = Any

BACKEND = "_MLFLOW_SERVER_FILE_STORE"
REGISTRY = "_MLFLOW_SERVER_REGISTRY_STORE"
SERVES = "_MLFLOW_SERVER_SERVE_ARTIFACTS"
DESTINATION = "_MLFLOW_SERVER_ARTIFACT_DESTINATION"
ENDPOINT = "MLFLOW_S3_ENDPOINT_URL"


@dataclass(frozen=True)
class Server:
    """The processes of one server. folder: the one its relative paths begin in."""

    processes: tuple[int, ...]
    environment: dict[str, str]
    folder: str
    words: tuple[str, ...]

    @property
    def database(self) -> str | None:
        """The path of its SQLite file; None where it runs on something else."""
        return sqlite_path(self.environment[BACKEND], self.folder)

    @property
    def artifacts(self) -> str | None:
        """The folder that it keeps artifacts in for its clients; None where it has none of its own."""
        if self.environment.get(SERVES) != "true":
            return None
        return local_path(self.environment.get(DESTINATION) or "./mlartifacts", self.folder)

    def told(self) -> JSON:
        """What people and the other end are told; of addresses with a password only the kind."""
        return {
            "backend": _without_secrets(self.environment[BACKEND]),
            "registry": _without_secrets(self.environment.get(REGISTRY) or self.environment[BACKEND]),
            "is_registry_apart": (self.environment.get(REGISTRY) or self.environment[BACKEND])
            != self.environment[BACKEND],
            "path": self.database,
            "serves_artifacts": self.environment.get(SERVES) == "true",
            "destination": _without_secrets(self.environment.get(DESTINATION) or ""),
            "endpoint": _without_secrets(self.environment.get(ENDPOINT) or ""),
            "artifacts": self.artifacts,
            "app": _after(self.words, "--app-name"),
            "can_be_stopped": 1 not in self.processes,
        }


def find() -> Server:
    """The one server in this pod. Raises Refused where there is none, or its processes cannot be read."""
    found: dict[tuple[str, ...], list[int]] = {}
    environments: dict[int, dict[str, str]] = {}
    words: list[str] = []
    for process in processes():
        words += _file(process, "cmdline")
        environment = dict(pair.split("=", 1) for pair in _file(process, "environ") if "=" in pair)
        if BACKEND in environment:
            environments[process] = environment
            key = tuple(environment.get(name, "") for name in (BACKEND, REGISTRY, SERVES, DESTINATION))
            found.setdefault(key, []).append(process)
    if not found:
        raise Refused("no process of an MLflow server is seen in its container, or this user may not look at it")
    if len(found) > 1:
        raise Refused(f"{len(found)} MLflow servers that differ run in its container")
    (same,) = found.values()
    return Server(tuple(same), environments[same[0]], _folder_of(same[0]), tuple(words))


def processes() -> list[int]:
    """All but this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def sqlite_path(uri: str, folder: str) -> str | None:
    """The file that an SQLAlchemy URI of SQLite names."""
    scheme, _, rest = uri.partition("://")
    if scheme.split("+")[0] != "sqlite" or not rest.startswith("/"):
        return None
    path = unquote(rest[1:].split("?")[0])
    return os.path.realpath(os.path.join(folder, path)) if path and not path.startswith("file:") else None


def local_path(uri: str, folder: str) -> str | None:
    """The folder that an artifact URI names, where it is one of this machine."""
    parts = urlsplit(uri)
    if parts.scheme not in ("", "file"):
        return None
    return os.path.realpath(os.path.join(folder, unquote(parts.path)))


def _without_secrets(uri: str) -> str:
    parts = urlsplit(uri)
    if "@" not in parts.netloc:
        return uri.split("?")[0]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _folder_of(process: int) -> str:
    try:
        return os.readlink(f"/proc/{process}/cwd")
    except OSError:
        return os.getcwd()


def _file(process: int, name: str) -> list[str]:
    try:
        with open(f"/proc/{process}/{name}", "rb") as stream:
            return [part.decode("utf-8", "replace") for part in stream.read().split(b"\0") if part]
    except OSError:
        return []


def _after(words: tuple[str, ...], option: str) -> str:
    for place, word in enumerate(words):
        if word == option and place + 1 < len(words):
            return words[place + 1]
        if word.startswith(option + "="):
            return word.partition("=")[2]
    return ""
