"""What a drift check asks Prometheus is what promtool tries."""

from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.prometheus_drift import DOWN

TRIED = Path(__file__).parents[2] / "monitoring/rules_test.yml"


def test_what_tells_a_target_that_is_down_is_what_promtool_tries() -> None:
    tests = yaml.safe_load(TRIED.read_text(encoding="utf-8"))["tests"]
    assert {each["expr"] for test in tests for each in test.get("promql_expr_test", [])} == {DOWN}
