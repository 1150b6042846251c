"""What a person reads of a module's progress, as lines without escape sequences."""

from __future__ import annotations

import re
import textwrap

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|[\x00-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """The text in one line, without what a terminal would take as a command."""
    return _CONTROL.sub("", text.replace("\n", " ").replace("\t", "    "))


def state(of: str, text: str) -> str:
    """`Deployment monitoring/mlflow: 0 of 1 replicas available`."""
    return f"{of}: {text}" if of else text


def log_line(of: str, text: str) -> str:
    """`Job training/proof | epoch 3 of 20`."""
    return f"{of} | {text}" if of else text


def since(seconds: float) -> str:
    """`12 s`, `2 min 5 s`, `1 h 3 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def folded(text: str, ending: str, width: int, most: int) -> list[str]:
    """A text and its ending in lines of so many columns, further ones indented. The ending always stays."""
    text = f"  {text}"
    if most <= 1 or len(text) + len(ending) <= width:
        room = max(0, width - len(ending))
        return [(text if len(text) <= room else f"{text[: max(0, room - 3)]}...") + ending]
    lines = textwrap.wrap(text + ending, width, subsequent_indent="      ", break_on_hyphens=False)
    return lines if len(lines) <= most else [*lines[: most - 1], f"      ... {lines[-1].strip()}"]
