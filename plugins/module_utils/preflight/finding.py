"""One thing that cannot work, found before anything was changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """`subject` is the variable (or the part of the cluster) that stands in the way."""

    subject: str
    why: str
    mend: str

    def sentence(self) -> str:
        """Subject, cause and mend, as a person reads them."""
        mend = self.mend if self.mend.endswith(("?", ".")) else f"{self.mend}."
        return f"{self.subject}: {self.why.rstrip('.')}. {mend}"

    def masked(self, text: Callable[[str], str]) -> Finding:
        """The same without secrets."""
        return Finding(self.subject, text(self.why), text(self.mend))

    def as_result(self) -> dict[str, str]:
        """The shape of an element of the return value `findings`."""
        return asdict(self)


def report(findings: Iterable[Finding]) -> str:
    """All findings as one message, one line each; says first that nothing was changed."""
    unique = sorted(set(findings))
    things = "1 thing stands" if len(unique) == 1 else f"{len(unique)} things stand"
    lines = [f"{things} in the way; nothing was changed."]
    lines += [f"{number}. {finding.sentence()}" for number, finding in enumerate(unique, start=1)]
    return "\n".join(lines)
