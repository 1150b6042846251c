"""Secrets made unreadable: a short keyed hash instead, so that same and different can still be told apart.

The key is new in every run and leaves no process, so a hash cannot be compared with guesses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Iterable, Mapping
from typing import Any

JSON = Any

MARKED_KEYS_ANNOTATION = "tracking.mlops/secret-keys"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SECRET_NAME = re.compile(r"passw(or)?d|secret|token|credential|(api|access|private|account)[-_.]?key", re.IGNORECASE)
_CREDENTIALS_IN_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<user>[^\s:/@]*):(?P<password>[^\s@/]+)@")
_SHORTEST = 4  # shorter values occur everywhere; replacing them would tell more than it hides
# A line of a value is hidden where it comes alone, unless it is as short as lines are that tell nothing.
_SHORTEST_LINE = 12


def is_name_of_secret(name: str) -> bool:
    """Whether a key or a variable of this name is taken to hold a secret."""
    return bool(_SECRET_NAME.search(name))


class Mask:
    """Masks objects by what they are, and texts by the values it has learned from objects."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._learned: dict[str, str] = {}
        self._unread: list[Mapping[str, JSON]] = []
        self._lines: dict[str, str] = {}  # of values of several lines
        self._lock = threading.Lock()  # a log is masked in the thread that follows it

    def hidden(self, value: str) -> str:
        """What is shown instead of a value."""
        digest = hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()
        return f"(hidden {digest[:8]})"

    def masked(self, body: Mapping[str, JSON]) -> dict[str, JSON]:
        """A copy of an object without its secrets."""
        masked: dict[str, JSON] = self._walked(body)
        for key in _secret_keys(body):
            for part in ("data", "binaryData"):
                if key in (body.get(part) or {}):
                    masked[part][key] = self.hidden(str(body[part][key]))
        annotations = body.get("metadata", {}).get("annotations") or {}
        if _LAST_APPLIED in annotations:
            masked["metadata"]["annotations"][_LAST_APPLIED] = self.hidden(annotations[_LAST_APPLIED])
        return masked

    def learn(self, bodies: Iterable[Mapping[str, JSON]]) -> None:
        """Takes in objects whose secrets `text` then hides, raw and in base64. Costs nothing until `text` is called."""
        self._unread.extend(bodies)

    def _read(self, body: Mapping[str, JSON]) -> None:
        is_secret = body.get("kind") == "Secret"
        for key in _secret_keys(body):
            value = (body.get("data") or {}).get(key)
            if isinstance(value, str):
                self._remember(_raw(value) if is_secret else value)
        if not is_secret:
            self._walked(body, learning=True)

    def text(self, text: str) -> str:
        """A text, such as an error of the server's or a log, without the secrets that were learned."""
        with self._lock:
            while self._unread:
                self._read(self._unread.pop())
            text = _replaced(text, self._learned)
        return _CREDENTIALS_IN_URL.sub(self._without_password, text)

    def line(self, line: str) -> str:
        """One line of a text that comes line by line, such as a log: a secret of several lines is hidden in each."""
        text = self.text(line)
        with self._lock:
            return _replaced(text, self._lines)

    def _remember(self, value: str) -> None:
        if len(value) < _SHORTEST:
            return
        shown = self.hidden(value)
        spellings = (value, json.dumps(value)[1:-1], base64.b64encode(value.encode()).decode())
        for spelling in spellings:
            self._learned[spelling] = shown
        if "\n" in value:
            lines = (line.strip() for line in value.splitlines())
            self._lines |= {line: shown for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith("---")}

    def _walked(self, value: JSON, *, learning: bool = False) -> JSON:
        if isinstance(value, dict):
            walked = {key: self._walked(part, learning=learning) for key, part in value.items()}
            name, content = value.get("name"), value.get("value")
            if isinstance(name, str) and isinstance(content, str) and _SECRET_NAME.search(name):
                if learning:
                    self._remember(content)
                walked["value"] = self.hidden(content)
            return walked
        if isinstance(value, list):
            return [self._walked(part, learning=learning) for part in value]
        if isinstance(value, str) and "://" in value:
            return _CREDENTIALS_IN_URL.sub(self._without_password, value)
        return value

    def _without_password(self, match: re.Match[str]) -> str:
        return f"{match['scheme']}{match['user']}:{self.hidden(match['password'])}@"


def _replaced(text: str, shown: Mapping[str, str]) -> str:
    for value in sorted(shown, key=len, reverse=True):
        if value in text:
            text = text.replace(value, shown[value])
    return text


def _secret_keys(body: Mapping[str, JSON]) -> list[str]:
    if body.get("kind") == "Secret":
        return list(body.get("data") or {})
    if body.get("kind") != "ConfigMap":
        return []
    marked = (body.get("metadata", {}).get("annotations") or {}).get(MARKED_KEYS_ANNOTATION, "")
    present = {**(body.get("data") or {}), **(body.get("binaryData") or {})}
    return [key.strip() for key in str(marked).split(",") if key.strip() in present]


def _raw(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode("utf-8", "replace")
    except ValueError:
        return encoded
