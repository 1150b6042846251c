"""In how many ways a text may spell a value: quoted by Go, JSON, a shell or a URL, in base64 alone or within more."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Iterator

_SHORTEST_EMBEDDED = 8  # bytes; the base64 of fewer is found by chance


def spellings(value: bytes) -> frozenset[str]:
    """All of them, the value itself included."""
    found = set(encodings(value))
    text = _text(value)
    if text is not None:
        found |= set(quotations(text))
    return frozenset(found)


def quotations(text: str) -> Iterator[str]:
    """A text within quotes, markup or a URL, without what surrounds it."""
    yield text
    if text.isalnum() and text.isascii():
        return
    for once in _escaped(text):
        yield once
        yield from _escaped(once)  # JSON within JSON
    for safe in ("", "/", "/:@!$&'()*+,;=", "-_.!~*'()"):
        quoted = urllib.parse.quote(text, safe=safe)
        yield from (quoted, _small_hexadecimals(quoted))
    plus = urllib.parse.quote_plus(text)
    yield from (plus, _small_hexadecimals(plus))
    yield html.escape(text)
    yield html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    yield html.escape(text, quote=False)
    yield text.replace("'", "'\\''")
    yield text.replace("'", "''")


def encodings(value: bytes) -> Iterator[str]:
    """In base64: alone, with and without padding, and what is sure of it wherever it stands in longer base64."""
    for each in _base64_of(value):
        in_url = urllib.parse.quote(each, safe="")
        yield from (each, each.replace("+", "-").replace("/", "_"), in_url, _small_hexadecimals(in_url))


def _base64_of(value: bytes) -> Iterator[str]:
    whole = base64.b64encode(value).decode()
    yield from (whole, whole.rstrip("="))
    yield base64.b64encode(value + b"\n").decode()  # as echo makes it
    if len(value) < _SHORTEST_EMBEDDED:
        return
    yield base64.b64encode(whole.encode()).decode()
    for once in _within_base64(value):
        yield once
        yield from _within_base64(once.encode())  # as a login in a Secret of a registry


def _within_base64(value: bytes) -> Iterator[str]:
    """What is sure of the base64 of a text that holds the value, whatever is around it."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + value).decode()
        yield encoded[(0, 2, 3)[before] : (before + len(value)) * 8 // 6]


def _escaped(text: str) -> Iterator[str]:
    ascii_only, with_unicode = json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]
    for each in (ascii_only, with_unicode):
        yield each
        # Go's JSON
        yield each.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    yield text.replace("\\", "\\\\").replace("\n", "\\n")


def _small_hexadecimals(quoted: str) -> str:
    parts = quoted.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
