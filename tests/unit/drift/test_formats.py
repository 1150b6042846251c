"""Each format says the same, and is what its readers expect."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from drift_reports import in_sync, report

from ansible_collections.mlops.tracking.plugins.module_utils.drift.formats.all import FORMATS
from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Finding, NotTold, Report

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/drift.schema.json").read_text(encoding="utf-8"))
SAMPLE = re.compile(r'(?P<name>[a-z_]+)\{(?P<labels>([a-z]+="([^"\\\n]|\\[\\"n])*",?)*)\} (?P<value>[-0-9.e+]+)')


def written(name: str, of: Report) -> str:
    return FORMATS[name][1](of)


def test_the_table_gives_a_reason_once_with_all_that_it_keeps_from_being_seen() -> None:
    silent = [NotTold("Bucket a", "MinIO\ndoes not answer"), NotTold("User b", "MinIO does not answer")]
    table = written("table", report(not_told=[*silent, NotTold("Service c", "forbidden")]))
    assert "  MinIO does not answer\n    Bucket a\n    User b\n  Service c: forbidden\n" in table


def test_the_table_shows_of_long_texts_the_words_that_differ() -> None:
    file = "# Written by role monitoring.\nglobal:\n  scrape_interval: 30s\n  external_labels: {cluster: %s}\n"
    finding = Finding(
        "ConfigMap monitoring/prometheus", "changed", "data[x]", "/data/x", file % "north", file % "south"
    )
    table = written("table", report(findings=[finding]))
    assert "expected ...north}  found ...south}" in table


@pytest.mark.parametrize("of", [in_sync(), report()], ids=["in sync", "everything"])
def test_the_json_follows_the_published_schema(of: Report) -> None:
    checker = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    checker.validate(json.loads(written("json", of)))


def test_the_schema_refuses_what_is_no_report() -> None:
    broken = {**json.loads(written("json", report())), "status": 3}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(broken)


def test_the_table_names_object_path_values_and_hand() -> None:
    table = written("table", report())
    assert table.startswith("local: 1 of 3 objects as described, 4 findings, 1 could not be looked at")
    line = next(line for line in table.splitlines() if "spec.replicas" in line)
    assert line.split() == [
        "changed",
        "spec.replicas",
        "expected",
        "1",
        "found",
        "3",
        "by",
        "kubectl",
        "2026-11-24T10:00:00Z",
    ]
    assert "Bucket training-results: MinIO does not answer" in table
    assert "the night shift" in table
    assert "until 2026-01-01" in table


def test_junit_has_a_case_for_each_object_and_counts_them() -> None:
    suite = ElementTree.fromstring(written("junit", report())).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("6", "4", "1")
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert "Service storage/minio" in failed
    assert len(list(suite)) == 6


def test_sarif_says_what_was_suppressed_and_whether_all_was_looked_at() -> None:
    run = json.loads(written("sarif", report()))["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} <= rules
    assert [bool(result.get("suppressions")) for result in run["results"]] == [False] * 4 + [True]
    assert run["invocations"][0]["executionSuccessful"] is False
    fingerprints = [result["partialFingerprints"]["object/v1"] for result in run["results"]]
    assert len(set(fingerprints[:4])) == 4


@pytest.mark.parametrize("of", [in_sync(), report()], ids=["in sync", "everything"])
def test_every_metric_is_a_sample_prometheus_reads(of: Report) -> None:
    lines = [line for line in written("prometheus", of).splitlines() if not line.startswith("#")]
    assert [line for line in lines if SAMPLE.fullmatch(line) is None] == []


def test_the_metrics_count_objects_by_state() -> None:
    text = written("prometheus", report())
    values: dict[str, Any] = {
        state: f'tracking_drift_objects{{cluster="local",state="{state}"}} {count}' in text.splitlines()
        for state, count in {"in_sync": 1, "changed": 2, "missing": 1, "extra": 1, "not_told": 1}.items()
    }
    assert all(values.values()), values
    assert 'tracking_drift_failed{cluster="local"} 1' in text
