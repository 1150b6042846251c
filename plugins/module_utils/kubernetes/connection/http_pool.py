"""What clients of servers beside the API server share: a pool that minds the proxies, and why nobody answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.proxy import proxy_for

if TYPE_CHECKING:
    from urllib3 import PoolManager


def open_http_pool(url: str, *, repeatable: Collection[str], redirects: int, timeout: float) -> PoolManager:
    """Connections to the server at `url`. repeatable: the methods that are sent again when a connection breaks."""
    import urllib3

    retries = urllib3.Retry(total=3, backoff_factor=0.3, allowed_methods=repeatable, status=0, redirect=redirects)
    options: dict[str, Any] = {"timeout": timeout, "retries": retries, "maxsize": 4}
    proxy = proxy_for(url)
    return urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)


def why_unanswered(error: Exception) -> str:
    """What urllib3 says, without the names of its own objects."""
    cause = getattr(error, "reason", None) or error
    return f"{type(cause).__name__}: {str(cause).rsplit(': ', 1)[-1]}"
