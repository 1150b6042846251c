"""Users of a kubeconfig whose token comes from an identity provider: the `kubernetes` library gets it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Access
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.proxy import proxy_for


def access_by_library(paths: str, context: str, source: str) -> Access:
    """The access of a context with an auth provider. Raises InvalidInput when it gives no token."""
    try:
        from kubernetes import client, config
    except ImportError as error:
        raise TrackingError(
            "A Python package is missing",
            why=f"{error.name} cannot be imported by the Python that runs this module",
            mend="Run `make setup`, and set ansible_python_interpreter to '{{ ansible_playbook_python }}'",
        ) from None
    configuration: Any = client.Configuration()
    try:
        config.load_kube_config(  # type: ignore[no-untyped-call]
            config_file=paths, context=context, client_configuration=configuration, persist_config=False
        )
    except Exception as error:  # the library lets YAML, type and subprocess errors through as they are
        raise _no_credentials(source, f"{type(error).__name__}: {str(error)[:300]}") from None
    if not configuration.get_api_key_with_prefix("BearerToken") and not configuration.cert_file:
        raise _no_credentials(source, "its identity provider failed")  # which the library only logs
    lock = threading.Lock()

    def authorization() -> str | None:
        with lock:  # the library refreshes an expired token here
            key = configuration.get_api_key_with_prefix("BearerToken")
        return str(key) if key else None

    return Access(
        server=str(configuration.host).rstrip("/"),
        source=source,
        is_verified=bool(configuration.verify_ssl),
        authority=_text(configuration.ssl_ca_cert),
        certificate=_text(configuration.cert_file),
        key=_text(configuration.key_file),
        server_name=str(configuration.tls_server_name or ""),
        proxy=proxy_for(str(configuration.host), str(configuration.proxy or "")),
        authorization=authorization,
    )


def _no_credentials(source: str, why: str) -> InvalidInput:
    return InvalidInput(
        "kubernetes_context",
        f"{source} gives no credentials ({why})",
        "Run `kubectl get namespaces` with it, which shows the same failure, and mend that first",
    )


def _text(path: str | None) -> str:
    return Path(path).read_text(encoding="utf-8") if path else ""
