"""From a kubeconfig and a context's name to what a connection needs; each way it can fail is one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError

if TYPE_CHECKING:
    from kubernetes.client import Configuration


@dataclass(frozen=True)
class Access:
    """Where an API server is and how to speak to it; `source` names both for messages.

    inside: this process runs in a pod of that cluster.
    """

    configuration: Configuration
    source: str
    inside: bool = False

    @property
    def server(self) -> str:
        """The server's address without a trailing slash, such as `https://127.0.0.1:6443`."""
        return str(self.configuration.host).rstrip("/")

    def authorization(self) -> str | None:
        """The Authorization header of now: an expiring exec or file token is read again by the library."""
        key: Any = self.configuration.get_api_key_with_prefix("BearerToken")
        return str(key) if key else self.configuration.get_basic_auth_token() or None


def load_access(kubeconfig: str | None, context: str | None) -> Access:
    """The access that `kubeconfig` (default: KUBECONFIG, then ~/.kube/config) and `context` give.

    In a pod without a kubeconfig, its service account is used.
    """
    paths = _existing(kubeconfig)
    if not paths and kubeconfig is None and "KUBERNETES_SERVICE_HOST" in os.environ:
        return _from_service_account()
    if not paths:
        looked = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
        raise InvalidInput(
            "kubernetes_kubeconfig",
            f"there is no kubeconfig at {looked}",
            "Set kubernetes_kubeconfig to the path of a kubeconfig that exists",
        )
    return _from_files(os.pathsep.join(paths), context)


def _existing(kubeconfig: str | None) -> list[str]:
    named = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    expanded = [os.path.expanduser(path) for path in named.split(os.pathsep) if path]
    return [path for path in expanded if Path(path).is_file()]


def _from_files(paths: str, context: str | None) -> Access:
    configuration, load, config_exception = _library()
    try:
        load.load_kube_config(
            config_file=paths, context=context, client_configuration=configuration, persist_config=False
        )
    except config_exception as error:
        raise _unusable(load, paths, context, error) from None
    except Exception as error:  # the library lets YAML, type and exec errors through as they are
        raise InvalidInput(
            "kubernetes_kubeconfig",
            f"{paths} cannot be read as a kubeconfig ({type(error).__name__})",
            "Repair the file; `kubectl config view` shows what is wrong with it",
        ) from None
    return Access(configuration, f"context {context or 'in use'} of {paths}")


def _unusable(load: Any, paths: str, context: str | None, error: Exception) -> InvalidInput:
    try:
        contexts, _current = load.list_kube_config_contexts(config_file=paths)
        names = sorted(str(each["name"]) for each in contexts)
    except Exception:  # no current context, or no contexts at all: the sentence below says which
        names = _names(load, paths)
    if context is not None and context not in names:
        return InvalidInput(
            "kubernetes_context",
            f"{paths} has no context {context!r}",
            f"Set it to one of: {', '.join(names)}" if names else "Add the context to the file",
        )
    if context is None and "current-context" in str(error):
        return InvalidInput(
            "kubernetes_context",
            f"it is not set and {paths} has no current context",
            f"Set it to one of: {', '.join(names)}" if names else "Add a context to the file",
        )
    return InvalidInput("kubernetes_kubeconfig", f"{paths}: {error}", "Repair that entry of the file")


def _names(load: Any, paths: str) -> list[str]:
    try:
        merged = load.kube_config.KubeConfigMerger(paths).config
        return sorted(str(each["name"]) for each in merged["contexts"].value)
    except Exception:
        return []


def _from_service_account() -> Access:
    configuration, load, config_exception = _library()
    try:
        load.load_incluster_config(client_configuration=configuration)
    except config_exception as error:
        raise InvalidInput(
            "kubernetes_kubeconfig",
            f"it is not set, and this pod's service account cannot be used ({error})",
            "Set kubernetes_kubeconfig, or let the pod mount its service account's token",
        ) from None
    return Access(configuration, "this pod's service account", inside=True)


def _library() -> tuple[Configuration, Any, type[Exception]]:
    """An empty configuration, the loader and its error; imported late, as `ansible-doc` needs none of it."""
    try:
        from kubernetes import config
        from kubernetes.client import Configuration
    except ImportError as error:
        raise TrackingError(
            "A Python package is missing",
            why=f"{error.name} cannot be imported by the Python that runs this module",
            mend="Run `make setup`, and set ansible_python_interpreter to '{{ ansible_playbook_python }}'",
        ) from None
    make: Callable[[], Configuration] = Configuration
    return make(), config, config.ConfigException
