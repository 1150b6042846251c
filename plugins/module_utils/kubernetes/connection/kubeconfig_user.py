"""Who a kubeconfig's user is: a certificate, a token, a password or a program's word, and whom it acts as."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.access import Headers

JSON = Any

# Letters that the name of a header may have, beside letters and digits (RFC 7230); `%` begins one that may not.
_IN_HEADER_NAMES = "!#$&'*+-.^_`|~"


def text_of(entry: Mapping[str, JSON], key: str, source: str) -> str:
    """The text of `key-data` (base64) or of the file `key`; empty when neither is there."""
    try:
        if entry.get(f"{key}-data"):
            return base64.b64decode(entry[f"{key}-data"]).decode()
        return Path(entry[""], entry[key]).read_text(encoding="utf-8") if entry.get(key) else ""
    except (OSError, ValueError) as error:
        raise InvalidInput(
            "kubernetes_kubeconfig", f"{key} of {source} cannot be read ({error})", "Repair that entry of the file"
        ) from None


def has_credentials(user: Mapping[str, JSON]) -> bool:
    """Whether the file itself says who the user is, so that no program is asked, as kubectl has it."""
    return any(user.get(key) for key in ("token", "tokenFile", "username"))


def authorization_of(user: Mapping[str, JSON], source: str) -> Callable[[], str | None]:
    """What gives the Authorization header of now."""
    if user.get("tokenFile"):
        path = Path(user[""], user["tokenFile"])
        return lambda: _from_file(path, source)  # kept up to date by somebody else, so it is read each time
    header: str | None = None
    if user.get("token"):
        header = f"Bearer {user['token']}"
    elif user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}"
        header = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return lambda: header


def impersonation_of(user: Mapping[str, JSON], source: str) -> Headers:
    """The headers for `as`, `as-uid`, `as-groups` and `as-user-extra`. Raises InvalidInput where `as` is missing."""
    headers = [("Impersonate-User", str(user["as"]))] if user.get("as") else []
    if user.get("as-uid"):
        headers.append(("Impersonate-Uid", str(user["as-uid"])))
    headers += [("Impersonate-Group", str(group)) for group in user.get("as-groups") or []]
    for key, values in (user.get("as-user-extra") or {}).items():
        name = quote(str(key).lower(), safe=_IN_HEADER_NAMES)
        headers += [(f"Impersonate-Extra-{name}", str(value)) for value in values]
    if headers and not user.get("as"):
        raise InvalidInput(
            "kubernetes_kubeconfig",
            f"the user of {source} names groups, an uid or more to act with, and no user to act as",
            "Add `as` to that user",
        )
    return tuple(headers)


def _from_file(path: Path, source: str) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise _no_token(path, source, getattr(error, "strerror", "") or type(error).__name__) from None
    if not token:
        raise _no_token(path, source, "it is empty")
    return f"Bearer {token}"


def _no_token(path: Path, source: str, why: str) -> InvalidInput:
    return InvalidInput(
        "kubernetes_kubeconfig",
        f"tokenFile of {source} cannot be read ({path}: {why})",
        "See that whatever renews the token writes it there",
    )
