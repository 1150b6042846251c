"""Every format of a report, by the name that people ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.mlops.tracking.plugins.module_utils.drift.formats.junit import as_junit
from ansible_collections.mlops.tracking.plugins.module_utils.drift.formats.prometheus import as_metrics
from ansible_collections.mlops.tracking.plugins.module_utils.drift.formats.sarif import as_sarif
from ansible_collections.mlops.tracking.plugins.module_utils.drift.formats.structured import as_json
from ansible_collections.mlops.tracking.plugins.module_utils.drift.formats.table import as_table
from ansible_collections.mlops.tracking.plugins.module_utils.drift.report import Report

# The name, the ending of its file, and what writes it.
FORMATS: Mapping[str, tuple[str, Callable[[Report], str]]] = {
    "table": ("txt", as_table),
    "json": ("json", as_json),
    "junit": ("xml", as_junit),
    "sarif": ("sarif", as_sarif),
    "prometheus": ("prom", as_metrics),
}
