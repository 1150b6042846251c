"""The errors a person sees: each says what failed, where, why, and how to mend it, and carries its data.

Everything this collection raises on purpose derives from TrackingError, so that the module base can
turn it into one clear sentence and leave every other exception its traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class TrackingError(Exception):
    """A failure with its explanation. `data` is what a program may want to read (never a secret).

    result: more return values of the module that fails, such as what was done before.
    """

    result: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, what: str, *, where: str = "", why: str = "", mend: str = "", **data: Any) -> None:
        self.what = what
        self.where = where
        self.why = why
        self.mend = mend
        self.data = data
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """What, where and why in one sentence, the mend after it; log lines in it keep their own."""
        head = self.what + (f" ({self.where})" if self.where else "")
        head += f": {self.why}" if self.why else ""
        head = head.strip().rstrip(".")
        if "\n" in head:
            return f"{head}\n{self.mend.rstrip('.')}." if self.mend else head
        return f"{head}. {self.mend.rstrip('.')}." if self.mend else f"{head}."

    def as_result(self) -> dict[str, Any]:
        """The return value `error` of a failed module."""
        return {"what": self.what, "where": self.where, "why": self.why, "mend": self.mend, **self.data}


class InvalidInput(TrackingError):
    """A variable has a value that cannot work; names the variable and the mend."""

    def __init__(self, variable: str, why: str, mend: str, **data: Any) -> None:
        super().__init__(f"Variable {variable} cannot be used", why=why, mend=mend, variable=variable, **data)
