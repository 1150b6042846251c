"""What a dashboard's JSON asks for."""

from __future__ import annotations

from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import (
    differing,
    filled,
    panels,
    values_of_variables,
)

VARIABLES = [
    {
        "name": "namespace",
        "type": "query",
        "includeAll": True,
        "allValue": ".*",
        "query": "label_values(up, namespace)",
    },
    {"name": "cluster", "type": "query", "includeAll": True},
    {"name": "datasource", "type": "datasource", "query": "prometheus"},
    {"name": "threshold", "type": "textbox", "current": {"value": "7"}},
]


def dashboard(*items: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Example", "panels": list(items), "templating": {"list": VARIABLES}}


def target(expression: str, name: str = "A", **more: Any) -> dict[str, Any]:
    return {"refId": name, "expr": expression, **more}


def test_finds_the_panels_inside_of_rows() -> None:
    folded = {"type": "row", "title": "More", "panels": [{"title": "Inner", "targets": [target("b")]}]}
    found = panels(dashboard({"title": "Outer", "targets": [target("a")]}, folded))
    assert [panel.title for panel in found] == ["Outer", "Inner"]


def test_leaves_out_panels_that_ask_nothing() -> None:
    assert panels(dashboard({"type": "text", "title": "Words"}, {"title": "Empty", "targets": [{"refId": "A"}]})) == []


def test_lets_a_variable_stand_for_all_it_could_be() -> None:
    (panel,) = panels(
        dashboard({"title": "P", "targets": [target('up{namespace=~"$namespace", cluster=~"${cluster}"}')]})
    )
    assert panel.queries == {"A": 'up{namespace=~".*", cluster=~".*"}'}


def test_takes_the_present_value_of_a_variable_that_has_no_all() -> None:
    values = values_of_variables(dashboard())
    assert values["threshold"] == "7"
    assert values["datasource"] == "prometheus"


def test_leaves_to_the_server_what_is_the_servers_own() -> None:
    assert filled("rate(a[$__rate_interval])", {}) == "rate(a[$__rate_interval])"
    assert filled("a > $unknown", {}) == "a > $unknown"


def test_knows_which_queries_ask_for_one_moment() -> None:
    (panel,) = panels(dashboard({"title": "P", "targets": [target("a"), target("b", "B", instant=True)]}))
    assert panel.instant == {"B"}


def test_says_where_a_stored_dashboard_differs_but_not_for_what_grafana_adds() -> None:
    stored = {**dashboard(), "id": 4, "version": 9}
    assert differing(dashboard(), stored) == []
    assert differing(dashboard(), {**stored, "title": "Changed", "links": []}) == ["links", "title"]
