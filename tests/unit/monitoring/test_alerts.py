"""The alerts and dashboards as they lie in the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import panels

ROOT = Path(__file__).parents[3]
ALERTS = (ROOT / "roles/monitoring/templates/alerts.yml.j2").read_text(encoding="utf-8")
NAMES = re.findall(r"^- alert: (\w+)$", ALERTS, re.M)
RUNBOOKS = ROOT / "docs/runbooks"
DASHBOARDS = {
    path.stem: json.loads(path.read_text()) for path in (ROOT / "roles/monitoring/files/dashboards").iterdir()
}


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_has_a_page_that_says_what_to_look_at_and_what_mends_it(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {name}\n")
    assert "\n## Look\n" in text
    assert "\n## Mend\n" in text


def test_every_page_is_of_an_alert_and_in_the_list() -> None:
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == set(NAMES)
    listed = re.findall(r"\[(\w+)\]\(\1\.md\)", (RUNBOOKS / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(NAMES)


def test_every_alert_says_how_grave_it_is_and_what_happens() -> None:
    for key in ("needs", "measure", "condition", "for", "severity", "summary", "description"):
        assert len(re.findall(rf"^  {key}: ", ALERTS, re.M)) == len(NAMES), key


def test_dashboards_have_fixed_uids_of_their_own() -> None:
    assert {name: board["uid"] for name, board in DASHBOARDS.items()} == {
        name: f"tracking-{name}" for name in DASHBOARDS
    }


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_is_described_and_has_a_unit(name: str) -> None:
    for panel in DASHBOARDS[name]["panels"]:
        if panel["type"] != "row":
            assert panel["description"], panel["title"]
            defaults = panel["fieldConfig"]["defaults"]
            assert defaults.get("unit") or defaults.get("mappings"), panel["title"]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_query_keeps_to_what_is_chosen_at_the_top(name: str) -> None:
    board = json.loads(json.dumps(DASHBOARDS[name]))
    for panel in panels(board):
        for query in panel.queries.values():
            assert "namespace=~" in query or "ALERTS" in query, f"{panel}: {query}"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_dashboard_leads_to_the_others_and_to_mlflow(name: str) -> None:
    links = {link["title"]: link for link in DASHBOARDS[name]["links"]}
    assert links["Dashboards"]["tags"] == DASHBOARDS[name]["tags"]
    assert links["MLflow"]["url"] == "https://mlflow.invalid"
