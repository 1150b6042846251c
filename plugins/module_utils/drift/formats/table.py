"""A report for people: what differs under each object's name, in columns that fit a screen."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Finding, NotTold, Report
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.cut import from_where_they_differ

JSON = Any

_LONGEST = 36  # characters of a value; the JSON has it whole


def as_table(report: Report) -> str:
    """Several lines, the outcome in the first one."""
    lines = [f"{report.cluster}: {report.sentence()} ({report.seconds:.1f} s)"]
    for name, group in itertools.groupby(report.findings, key=lambda finding: finding.object):
        lines += ["", name, *_rows(list(group))]
    if report.not_told:
        lines += ["", "could not be looked at", *_not_told(report.not_told)]
    if report.ignored:
        lines += ["", "ignored"]
        lines += [f"  {_place(each.finding)}: {each.reason}" for each in report.ignored]
    if report.expired_rules:
        lines += ["", "ignore rules past their date"]
        lines += [f"  {each.object}, until {each.until}: {each.reason}" for each in report.expired_rules]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _rows(findings: Sequence[Finding]) -> list[str]:
    cells = [_cells(finding) for finding in findings]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width) for row in cells
    ]


def _cells(finding: Finding) -> list[str]:
    expected, found = from_where_they_differ(finding.expected, finding.found, _LONGEST)
    return [
        finding.state,
        finding.path or "(the whole object)",
        f"expected {_value(expected)}" if finding.path and finding.state != "extra" else "",
        f"found {_value(found)}" if finding.path and finding.state != "missing" else "",
        f"by {finding.manager}" if finding.manager else "",
        finding.time,
    ]


def _not_told(those: Sequence[NotTold]) -> list[str]:
    """Each reason once, as a server that does not answer is the reason of everything in it."""
    reasons: dict[str, list[str]] = {}
    for each in those:
        reasons.setdefault(_one_line(each.why), []).append(each.what)
    lines = []
    for why, names in reasons.items():
        lines += [f"  {names[0]}: {why}"] if len(names) == 1 else [f"  {why}", *(f"    {name}" for name in names)]
    return lines


def _place(finding: Finding) -> str:
    return f"{finding.object} {finding.path}".rstrip()


def _value(value: JSON) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = _one_line(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _one_line(text: str) -> str:
    return " ".join(text.split())
