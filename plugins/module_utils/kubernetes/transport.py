"""The wire: one urllib3 pool of kept-alive TLS connections, made from a kubeconfig's access."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput

if TYPE_CHECKING:
    from urllib3 import PoolManager

    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.kubeconfig import Access

CONNECT_SECONDS = 5.0


def open_pool(access: Access, connections: int) -> PoolManager:
    """A thread-safe pool that keeps up to `connections` connections to the server open."""
    import urllib3

    options: dict[str, Any] = {"maxsize": connections, "retries": False, "num_pools": 4}
    configuration = access.configuration
    if access.server.startswith("https:"):
        options["ssl_context"] = _trust(access)
        if configuration.tls_server_name:
            options["server_hostname"] = configuration.tls_server_name
    if not configuration.verify_ssl:
        options["cert_reqs"] = ssl.CERT_NONE
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    if configuration.proxy:
        return urllib3.ProxyManager(configuration.proxy, **options)
    return urllib3.PoolManager(**options)


def _trust(access: Access) -> ssl.SSLContext:
    """One TLS context for all connections: making one for each costs more than the handshake."""
    from urllib3.util import create_urllib3_context

    configuration = access.configuration
    context = create_urllib3_context()
    try:
        if not configuration.verify_ssl:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif configuration.ssl_ca_cert:
            context.load_verify_locations(configuration.ssl_ca_cert)
        else:
            context.load_default_certs()
        if configuration.cert_file:
            context.load_cert_chain(configuration.cert_file, configuration.key_file)
    except OSError as error:
        raise InvalidInput(
            "kubernetes_kubeconfig",
            f"a certificate or key of {access.source} cannot be used ({error.strerror or error})",
            "Renew the certificates in the kubeconfig",
        ) from None
    return context
