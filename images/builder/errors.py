"""The one error of the builder: what failed, why, and how to mend it."""

from __future__ import annotations


class BuildError(Exception):
    """A build that cannot go on. The message is what a person reads; it names the mend."""

    def __init__(self, what: str, *, why: str = "", mend: str = "") -> None:
        self.what, self.why, self.mend = what, why, mend
        head = f"{what}: {why}" if why else what
        super().__init__(f"{head.rstrip('.')}." + (f" {mend.rstrip('.')}." if mend else ""))
