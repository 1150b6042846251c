"""The wire: one urllib3 pool of kept-alive connections to an API server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from urllib3 import PoolManager

    from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.access import Access

CONNECT_SECONDS = 5.0


def open_pool(access: Access, connections: int) -> PoolManager:
    """A thread-safe pool that keeps up to `connections` connections to the server open."""
    import urllib3

    options: dict[str, Any] = {"maxsize": connections, "retries": False, "num_pools": 4}
    tls = access.tls()
    if tls is not None:
        options["ssl_context"] = tls
        if access.server_name:
            options["server_hostname"] = access.server_name
            options["assert_hostname"] = access.server_name
    if not access.is_verified:
        options["assert_hostname"] = False
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    if access.proxy:
        return urllib3.ProxyManager(access.proxy, **options)
    return urllib3.PoolManager(**options)
