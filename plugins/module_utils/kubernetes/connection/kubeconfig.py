"""From a kubeconfig and a context's name to an access; each way it can fail is one sentence.

Certificates and tokens are read here, in milliseconds. What needs an identity provider to get a token is left to the
`kubernetes` library, whose import takes longer than all else a module does.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Access
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.exec_credential import ExecCredential
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.kubeconfig_library import (
    access_by_library,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.kubeconfig_user import (
    authorization_of,
    has_credentials,
    impersonation_of,
    text_of,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.proxy import proxy_for
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.service_account import (
    access_by_service_account,
    is_in_cluster,
)

JSON = Any

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Kubeconfig:
    """One or more kubeconfig files as one, as kubectl merges them: the first file that names something wins."""

    paths: str
    current: str = ""
    entries: dict[str, dict[str, Mapping[str, JSON]]] = field(default_factory=dict)

    def find(self, part: str, name: str) -> Mapping[str, JSON]:
        """The cluster, user or context of that name. Raises InvalidInput."""
        try:
            return self.entries[part][name]
        except KeyError:
            raise InvalidInput(
                "kubernetes_kubeconfig", f"{self.paths} has no entry {name!r} in {part}", "Add it to the file"
            ) from None


def load_access(kubeconfig: str | None, context: str | None) -> Access:
    """The access that `kubeconfig` (default: KUBECONFIG, then ~/.kube/config) and `context` give.

    In a pod without a kubeconfig, its service account is used.
    """
    named = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    paths = [os.path.expanduser(path) for path in named.split(os.pathsep) if path]
    paths = [path for path in paths if Path(path).is_file()]
    if not paths and kubeconfig is None and is_in_cluster():
        return access_by_service_account()
    if not paths:
        raise InvalidInput(
            "kubernetes_kubeconfig",
            f"there is no kubeconfig at {named}",
            "Set kubernetes_kubeconfig to the path of a kubeconfig that exists",
        )
    return _access(_read(paths), context)


def _read(paths: list[str]) -> Kubeconfig:
    merged = Kubeconfig(os.pathsep.join(paths))
    for path in paths:
        try:
            content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Loader) or {}
            for part, key in (("clusters", "cluster"), ("users", "user"), ("contexts", "context")):
                named = merged.entries.setdefault(part, {})
                for entry in content.get(part) or []:
                    # where the file is, as paths in it start there
                    named.setdefault(entry["name"], {**(entry.get(key) or {}), "": str(Path(path).parent)})
            merged.current = merged.current or content.get("current-context") or ""
        except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
            raise InvalidInput(
                "kubernetes_kubeconfig",
                f"{path} cannot be read as a kubeconfig ({type(error).__name__})",
                "Repair the file; `kubectl config view` shows what is wrong with it",
            ) from None
    return merged


def _access(config: Kubeconfig, context: str | None) -> Access:
    name = context or config.current
    names = sorted(config.entries.get("contexts", {}))
    if name not in names:
        missing = f"has no context {name!r}" if name else "has no current context, and none is set"
        raise InvalidInput(
            "kubernetes_context",
            f"{config.paths} {missing}",
            f"Set it to one of: {', '.join(names)}" if names else "Add a context to the file",
        )
    chosen = config.find("contexts", name)
    cluster = config.find("clusters", str(chosen.get("cluster", "")))
    user: Mapping[str, JSON] = config.find("users", str(chosen["user"])) if chosen.get("user") else {"": ""}
    source = f"context {name} of {config.paths}"
    server = str(cluster.get("server", "")).rstrip("/")
    if not server:
        raise InvalidInput("kubernetes_kubeconfig", f"the cluster of {source} has no server", "Add its address")
    impersonation = impersonation_of(user, source)
    if user.get("auth-provider") and not has_credentials(user):
        return replace(access_by_library(config.paths, name, source), impersonation=impersonation, asks=True)
    found = Access(
        server=server,
        source=source,
        is_verified=not cluster.get("insecure-skip-tls-verify"),
        authority=text_of(cluster, "certificate-authority", source),
        certificate=text_of(user, "client-certificate", source),
        key=text_of(user, "client-key", source),
        server_name=str(cluster.get("tls-server-name", "")),
        proxy=proxy_for(server, str(cluster.get("proxy-url", ""))),
        authorization=authorization_of(user, source),
        impersonation=impersonation,
    )
    if user.get("exec") and not has_credentials(user) and not found.certificate:
        printed = ExecCredential(user["exec"], _told(cluster, found), user[""], source)
        return replace(
            found, certificate=printed.certificate, key=printed.key, authorization=printed.authorization, asks=True
        )
    return found


def _told(cluster: Mapping[str, JSON], access: Access) -> Mapping[str, JSON]:
    """A cluster as a program is told of it: with its authority in it, wherever that lies."""
    authority = base64.b64encode(access.authority.encode()).decode()
    return {**cluster, "certificate-authority-data": authority} if authority else cluster
