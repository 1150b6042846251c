"""A report as JUnit XML: a test for each object, so that CI systems show drift as they show tests."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Finding, Report

# XML 1.0 has no way to write these.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """One suite: an object that drifts fails, what could not be looked at is an error."""
    names = list(dict.fromkeys([*report.objects, *(each.object for each in report.findings)]))
    suite = ElementTree.Element(
        "testsuite",
        name=_text(f"drift of {report.cluster}"),
        tests=str(len(names) + len(report.not_told)),
        failures=str(len(report.drifted)),
        errors=str(len(report.not_told)),
        skipped="0",
        time=f"{report.seconds:.3f}",
        timestamp=report.started.removesuffix("Z"),
    )
    for name in names:
        case = ElementTree.SubElement(suite, "testcase", classname=_text(report.cluster), name=_text(name), time="0")
        findings = [finding for finding in report.findings if finding.object == name]
        if findings:
            states = ", ".join(dict.fromkeys(finding.state for finding in findings))
            failure = ElementTree.SubElement(case, "failure", type="drift", message=_text(states))
            failure.text = _text("\n".join(_line(finding) for finding in findings))
    for each in report.not_told:
        case = ElementTree.SubElement(
            suite, "testcase", classname=_text(report.cluster), name=_text(each.what), time="0"
        )
        ElementTree.SubElement(case, "error", type="not told", message=_text(each.why))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    text: str = ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)
    return text + "\n"


def _line(finding: Finding) -> str:
    values = f"expected {json.dumps(finding.expected, default=str)}, found {json.dumps(finding.found, default=str)}"
    hand = f" by {finding.manager} {finding.time}".rstrip() if finding.manager else ""
    return f"{finding.state} {finding.path}: {values}{hand}" if finding.path else f"{finding.state}{hand}"


def _text(text: str) -> str:
    return _NOT_XML.sub("?", text)
