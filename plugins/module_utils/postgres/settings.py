"""Whether a setting in force is the described one: PostgreSQL spells `256MB` as 32768 times 8 kB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_MEMORY = {"B": 1, "kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_TIME = {"us": 1, "ms": 10**3, "s": 10**6, "min": 60 * 10**6, "h": 3600 * 10**6, "d": 86400 * 10**6}
_NUMBER = re.compile(r"\s*(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z]*)\s*")
_UNIT = re.compile(r"([0-9]*)([A-Za-z]+)")
_TRUE, _FALSE = ("on", "true", "yes", "1"), ("off", "false", "no", "0")
# Whose values these are: of this connection or of its role, so that they say nothing about the server.
_OF_THE_SESSION = frozenset({"client", "session", "user", "database", "database user", "interactive"})


@dataclass(frozen=True)
class InForce:
    """A row of pg_settings. shown: as SHOW spells it."""

    name: str
    setting: str
    unit: str
    kind: str
    source: str
    shown: str

    @property
    def is_the_servers(self) -> bool:
        return self.source not in _OF_THE_SESSION

    @property
    def is_from_file(self) -> bool:
        return self.source == "configuration file"

    def means(self, described: str) -> bool:
        """Whether it has this value."""
        if self.kind == "bool":
            return _truth(described) == _truth(self.setting)
        if self.kind in ("integer", "real"):
            return _amount(described, self.unit) == _amount(self.setting, self.unit)
        if self.kind == "enum":
            return described.lower() == self.setting.lower()
        return described == self.setting


def _truth(text: str) -> str:
    word = text.strip().lower()
    return "on" if word in _TRUE else "off" if word in _FALSE else word


def _amount(text: str, unit: str) -> Fraction | str:
    """In the unit's own base. A number without a unit is of the setting's; what is no number is itself."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    number, given = Fraction(match[1]), match[2]
    if given:
        scale = _MEMORY.get(given, _TIME.get(given))
        return text if scale is None else number * scale
    of_setting = _UNIT.fullmatch(unit or "")
    if of_setting is None:
        return number
    return number * int(of_setting[1] or 1) * (_MEMORY.get(of_setting[2]) or _TIME.get(of_setting[2]) or 1)
