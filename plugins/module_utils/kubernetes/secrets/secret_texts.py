"""Secrets in texts that can be told by their surroundings, whether or not their value is known."""

from __future__ import annotations

import re
from collections.abc import Callable

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.secret_names import (
    HINTS,
    TELLING,
    tells,
)

Hide = Callable[[str], str]

_HINTS = (*HINTS, "bearer", "basic", "sig")
HIDDEN = r"\(hidden [0-9a-f]{8}\)"
_BARE_NAME = rf"[\w.-]*?(?:{TELLING})[\w.-]*"
_NAME = rf"(?<![\w.-]){_BARE_NAME}"
_VALUE = r"""(?P<value>\\?"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"',;&}\]]+)"""
_MAYBE = re.compile(rf"{TELLING}|://|bearer|basic|signature|PRIVATE KEY", re.IGNORECASE)
# To the last `@` of the word, as a password that nobody encoded may hold one, and slashes.
_USER_IN_URL = re.compile(r"""(?P<head>[a-z][a-z0-9+.-]*://[^\s:/@"'`<>]*:)(?P<value>[^\s"'`<>]+)(?=@)""")
_TOKEN_IN_URL = re.compile(r"""(?P<head>[a-z][a-z0-9+.-]*://)(?P<value>[^\s:/@"'`<>]{20,})(?=@)""")
_PARAMETER = re.compile(
    rf"""(?P<head>(?:[?&]|\\u0026|&amp;)(?P<name>[\w.%-]*(?:signature|sig|{TELLING})[\w.%-]*)=)"""
    r"""(?P<value>[^&\s"'#<>\\]+)""",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(?P<head>\b(?:Bearer|Basic)\s+)(?P<value>(?=\S*\d)[\w.~+/=-]{16,})", re.IGNORECASE)
_PRIVATE_KEY = re.compile(
    r"(?P<head>-----BEGIN [A-Z ]*PRIVATE KEY-----)(?P<value>.+?)(?=-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_ASSIGNED = re.compile(rf"(?P<head>(?P<name>{_NAME})=){_VALUE}", re.IGNORECASE)
_IN_JSON = re.compile(
    rf"(?P<head>(?P<name>\\?[\"']{_NAME}\\?[\"']\s*:\s*))(?P<value>\\?\"(?:[^\"\\]|\\.)*\")", re.IGNORECASE
)
_FLAG = re.compile(rf"(?P<head>(?P<name>(?<![\w.-])--?{_BARE_NAME})\s+)(?!-){_VALUE}", re.IGNORECASE)
_LINE = re.compile(
    rf"^(?P<head>\s*(?:- )?(?P<name>{_NAME})\s*[:=]\s+)(?P<value>\S.*?)\s*$", re.IGNORECASE | re.MULTILINE
)
_REFERENCE = re.compile(rf"\$\w+$|\$[({{][^)}}]*[)}}]$|{{{{.*}}}}$|{HIDDEN}|[|>][+-]?$")
_IN_ANY_TEXT = (_PRIVATE_KEY, _USER_IN_URL, _TOKEN_IN_URL, _PARAMETER, _HEADER, _ASSIGNED, _IN_JSON)
_IN_SETTINGS = (*_IN_ANY_TEXT, _FLAG, _LINE)


def may_hold_secrets(text: str) -> bool:
    """Whether a closer look is worth while: quick, as most texts hold none."""
    small = text.lower()
    return any(hint in small for hint in _HINTS) and bool(_MAYBE.search(text))


def without_secrets(text: str, hide: Hide, *, is_settings: bool) -> str:
    """The text with `hide(value)` for each such secret.

    is_settings: it is a part of an object, such as a command line or a configuration file. In prose, `token: expired`
    tells no token.
    """
    if not may_hold_secrets(text):
        return text
    for place in _IN_SETTINGS if is_settings else _IN_ANY_TEXT:
        text = place.sub(lambda match: _hidden(match, hide), text)
    return text


def _hidden(match: re.Match[str], hide: Hide) -> str:
    head, value, name = match["head"], match["value"], match.groupdict().get("name")
    is_signature = name is not None and "sig" in name.lower()
    if (name is not None and not is_signature and not tells(name.strip("\\\"'"))) or _REFERENCE.match(value):
        return match[0]
    quote = next((each for each in ('\\"', '"', "'") if value.startswith(each) and value.endswith(each)), "")
    bare = value[len(quote) : len(value) - len(quote)] if len(value) > 2 * len(quote) else ""
    return f"{head}{quote}{hide(bare) if bare else ''}{quote}"
