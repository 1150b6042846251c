"""A bar chart as SVG text: small, readable on a light and a dark page, and the same for the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

_COLOURS = ("#2563eb", "#16a34a", "#ea580c")
_ROW, _BAR, _LEFT, _WIDTH, _TOP = 52, 14, 360, 900, 40


def bars(path: Path, rows: Mapping[str, Mapping[str, float]]) -> None:
    """A group of bars for each row: name to step to seconds."""
    steps = list(dict.fromkeys(step for figures in rows.values() for step in figures))
    longest = max(seconds for figures in rows.values() for seconds in figures.values())
    scale = (_WIDTH - _LEFT - 70) / longest
    parts = [_legend(steps)]
    for place, (name, figures) in enumerate(rows.items()):
        top = _TOP + place * _ROW
        parts.append(_text(_LEFT - 10, top + 26, name, "end"))
        for number, (step, seconds) in enumerate(figures.items()):
            y, width = top + number * _BAR, max(1.0, seconds * scale)
            colour = _COLOURS[steps.index(step)]
            parts.append(f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR - 2}" fill="{colour}"/>')
            parts.append(_text(_LEFT + width + 6, y + 10, f"{seconds:.2f} s", "start", size=11))
    height = _TOP + len(rows) * _ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif">'
    background = f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    path.write_text("\n".join([head, background, *parts, "</svg>\n"]), encoding="utf-8")


def _legend(steps: list[str]) -> str:
    parts = []
    for number, step in enumerate(steps):
        x = _LEFT + number * 150
        parts.append(f'<rect x="{x}" y="12" width="12" height="12" fill="{_COLOURS[number]}"/>')
        parts.append(_text(x + 18, 22, step, "start"))
    return "\n".join(parts)


def _text(x: float, y: float, text: str, anchor: str, size: int = 13) -> str:
    return f'<text x="{x:.1f}" y="{y}" font-size="{size}" fill="#111827" text-anchor="{anchor}">{escape(text)}</text>'
