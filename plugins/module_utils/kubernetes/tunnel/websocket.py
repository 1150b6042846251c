"""A websocket of the API server: what port-forwards and programs that are run in pods are carried by."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Access

PROTOCOL = "v4.channel.k8s.io"
_SECONDS_TO_OPEN = 10.0


def open_websocket(access: Access, path: str, *, what: str, mend: str) -> Any:
    """A websocket.WebSocket at `path`. what: the sentence's subject where there is no way in, as a TrackingError."""
    import websocket

    options: dict[str, Any] = {"header": [f"{name}: {value}" for name, value in access.headers()]}
    tls = access.tls()
    if tls is not None:
        options["sslopt"] = {"context": tls, "server_hostname": access.server_name or None}
    if access.proxy:
        proxy = urlsplit(access.proxy)
        options |= {
            "http_no_proxy": ["none"],
            "http_proxy_host": proxy.hostname,
            "http_proxy_port": proxy.port,
            "proxy_type": "http",
        }
    else:
        options["http_no_proxy"] = ["*"]  # the library would look into the environment again
    try:
        return websocket.create_connection(
            access.server.replace("http", "ws", 1) + path, timeout=_SECONDS_TO_OPEN, subprotocols=[PROTOCOL], **options
        )
    except Exception as error:  # the websocket library has many kinds; each means there is no way in
        raise TrackingError(
            what, why=str(error).splitlines()[0][:300] if str(error) else type(error).__name__, mend=mend
        ) from None
