"""Which proxy stands between here and an API server, by the kubeconfig or by the environment, as kubectl has it."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit


def proxy_for(server: str, named: str = "") -> str:
    """The proxy's url, or nothing. `named`: the kubeconfig's own, which wins.

    Else HTTPS_PROXY (HTTP_PROXY for an http server) unless NO_PROXY names the host, its domain or its network;
    never for this machine itself.
    """
    parts = urlsplit(server)
    variable = f"{parts.scheme}_proxy"
    value = os.environ.get(variable.upper()) or os.environ.get(variable) or ""
    if named or not value:
        return named
    return "" if _is_exempt(parts.hostname or "") else value


def _is_exempt(host: str) -> bool:
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    listed = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    return any(_covers(entry.strip().lower(), host.lower(), address) for entry in listed.split(",") if entry.strip())


def _covers(entry: str, host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    if entry == "*" or host == entry or host.endswith("." + entry.lstrip(".")):
        return True
    try:
        return address is not None and address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
