"""Secrets made unreadable: a short keyed hash instead, so that same and different can still be told apart.

The key is new in every run and leaves no process, so a hash cannot be compared with guesses.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.known_secrets import KnownSecrets
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.secret_fields import (
    copies_in,
    covered,
    may_hold_secrets_at_all,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.secret_texts import without_secrets

JSON = Any

_SHORTEST_LINE = 8
# What stands in many files, so that it tells nothing: a heading, a bracket, the frame of a certificate.
_EMPTY_LINE = re.compile(r"""[\w.\- "']+[:{\[]$|-----|[#/*;{}\[\]]""")
_LOGIN = re.compile(r"[\w.@-]+:(?P<password>(?!//|\d+$)[^:\s]{6,})")


class Mask:
    """Masks objects by what they are, and texts by the values it has learned from objects."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known = KnownSecrets()
        self._unread: list[Mapping[str, JSON]] = []
        self._reading = threading.Lock()

    def hidden(self, value: str | bytes) -> str:
        """What is shown instead of a value."""
        digest = hmac.new(self._key, _as_bytes(value), hashlib.sha256).hexdigest()
        return f"(hidden {digest[:8]})"

    def masked(self, body: Mapping[str, JSON]) -> dict[str, JSON]:
        """A copy of an object without its secrets, and without those of others that were learned."""
        self._read()
        bare = covered(body, self.hidden) if may_hold_secrets_at_all(body) else body
        copy: dict[str, JSON] = self._without_known(bare)
        return copy

    def learn(self, bodies: Iterable[Mapping[str, JSON]]) -> None:
        """Takes in objects whose secrets `text` then hides in every spelling. Costs nothing until they are needed."""
        self._unread.extend(bodies)

    def learn_values(self, values: Iterable[str]) -> None:
        """Takes in secrets that came from nowhere in an object, such as an option of a module."""
        self.learn({"kind": "Secret", "stringData": {"value": value}} for value in values)

    def text(self, text: str) -> str:
        """A text, such as an error of the server's or a log, without the secrets that were learned."""
        self._read()
        return without_secrets(self._known.hide(text), self.hidden, is_settings=False)

    def shown(self, value: JSON) -> JSON:
        """A return value with every text in it masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.shown(part) for key, part in value.items()}
        return [self.shown(part) for part in value] if isinstance(value, (list, tuple)) else value

    def _read(self) -> None:
        if not self._unread:
            return
        with self._reading:  # a text that another thread has may hold what is being read here
            while self._unread:
                self._read_one(self._unread[-1])
                self._unread.pop()

    def _read_one(self, body: Mapping[str, JSON]) -> None:
        self._known.call_public(_public_words(body))
        if not may_hold_secrets_at_all(body):
            return
        covered(body, self._remember)
        for older in copies_in(body):
            covered(older, self._remember)

    def _remember(self, value: str | bytes) -> str:
        whole = _as_bytes(value)
        self._known.add(whole, self.hidden(whole))
        self._known.add(whole.strip(), self.hidden(whole.strip()))
        for part in _parts(value):
            self._known.add(part.encode(), self.hidden(part))
        return ""

    def _without_known(self, value: JSON) -> JSON:
        if isinstance(value, str):
            return self._known.hide(value)
        if isinstance(value, dict):
            return {key: self._without_known(part) for key, part in value.items()}
        return [self._without_known(part) for part in value] if isinstance(value, list) else value


def _public_words(body: Mapping[str, JSON]) -> Iterator[str]:
    metadata = body.get("metadata")
    yield from (str(body[key]) for key in ("apiVersion", "kind") if body.get(key))
    if isinstance(metadata, Mapping):
        yield from (str(metadata[key]) for key in ("name", "namespace") if metadata.get(key))
    if body.get("kind") == "Secret":
        for part in ("data", "stringData"):
            yield from (str(key) for key in body.get(part) or {})


def _parts(value: str | bytes) -> Iterator[str]:
    """Secrets within a secret: its lines, what names tell in settings, logins in base64. An archive has none."""
    if isinstance(value, bytes) and b"\0" in value:
        return
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    found: list[str] = []

    def note(part: str) -> str:
        found.append(part)
        return ""

    without_secrets(text, note, is_settings=True)
    if text.lstrip().startswith(("{", "[")):
        found += _in_json(text)
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) > 1:
        found += [line for line in lines if len(line) >= _SHORTEST_LINE and not _EMPTY_LINE.match(line)]
    yield from found
    login = _LOGIN.fullmatch(text)
    if login:
        yield login["password"]


def _in_json(text: str) -> Iterator[str]:
    """What `kubernetes.io/dockerconfigjson` and the like hold."""
    try:
        content = json.loads(text)
    except ValueError:
        return
    found: list[str] = []

    def note(value: str | bytes) -> str:
        found.append(str(value))
        return ""

    covered({"content": content}, note)
    for auths in [content.get("auths")] if isinstance(content, dict) else []:
        for login in auths.values() if isinstance(auths, dict) else []:
            auth = login.get("auth") if isinstance(login, dict) else None
            if isinstance(auth, str):
                yield auth
                yield from _logins(auth)
    yield from found


def _logins(auth: str) -> Iterator[str]:
    try:
        login = base64.b64decode(auth).decode()
    except (binascii.Error, ValueError):
        return
    yield from (login, login.partition(":")[2])


def _as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
