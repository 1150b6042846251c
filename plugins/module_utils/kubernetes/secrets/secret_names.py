"""Which names tell that their value is a secret: of environment variables, flags, fields and parameters of a URL."""

from __future__ import annotations

import re
from functools import lru_cache

TELLING = (
    r"passw(?:or)?d|passphrase|secret|token(?!i[sz])|credential|authorization|connection[-_.]?string"
    r"|(?:api|access|account|auth|encryption|private|signing)[-_.]?key"
)
# One of these is in every text that holds a telling name or place, in small letters: looking for them is quick.
HINTS = ("passw", "passphrase", "secret", "token", "credential", "authorization", "connection", "key", "://")
_TELLING = re.compile(TELLING, re.IGNORECASE)
# What only speaks of a secret: where it lies, what it is called, how it is made.
_ABOUT = re.compile(
    r"(?:file|path|dir|directory|name|namespace|ref|reference|selector|url|uri|endpoint|mount"
    r"|ttl|seconds|timeout|interval|length|size|type|policy|algorithm|enabled|required)s?$",
    re.IGNORECASE,
)
# In custom resources and annotations, `secret` and `credentials` are by habit the name of a Secret.
_NAMES_A_SECRET = re.compile(r"(?<!client)(?<!shared)[-_.]?(?:secret|credential)s?$", re.IGNORECASE)
OUR_ANNOTATIONS = "tracking.mlops/"


@lru_cache(4096)
def tells(name: str) -> bool:
    """Whether the value under this name of a variable, a flag or a parameter is a secret."""
    return bool(_TELLING.search(name)) and not _ABOUT.search(name)


@lru_cache(4096)
def field_tells(name: str) -> bool:
    """Whether the text in a field or annotation of this name is a secret itself, not the name of one."""
    return tells(name) and not _NAMES_A_SECRET.search(name) and not name.startswith(OUR_ANNOTATIONS)
