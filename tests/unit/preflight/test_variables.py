"""What preflight tells from variables alone."""

from __future__ import annotations

from ansible_collections.mlops.tracking.plugins.module_utils.preflight import variables
from ansible_collections.mlops.tracking.plugins.module_utils.preflight.finding import Finding, report

SPECIFICATION = {
    "mlflow_backend": {"type": "str", "choices": ["auto", "sqlite"], "default": "auto"},
    "mlflow_workers": {"type": "int", "default": 2},
}


def test_names_the_variable_and_its_choices_where_a_choice_is_unknown() -> None:
    [finding] = variables.against_specification("mlflow", SPECIFICATION, {"mlflow_backend": "mysql"})
    assert finding.subject == "Variable mlflow_backend"
    assert "mysql" in finding.why
    assert finding.mend == "Set mlflow_backend to one of: auto, sqlite"


def test_names_the_variable_whose_type_is_wrong() -> None:
    [finding] = variables.against_specification("mlflow", SPECIFICATION, {"mlflow_workers": "many"})
    assert finding.subject == "Variable mlflow_workers"
    assert "int" in finding.why


def test_takes_a_number_that_came_as_text_from_the_command_line() -> None:
    assert variables.against_specification("mlflow", SPECIFICATION, {"mlflow_workers": "3"}) == []


def test_says_every_wrong_variable_at_once() -> None:
    found = variables.against_specification("mlflow", SPECIFICATION, {"mlflow_backend": "x", "mlflow_workers": "many"})
    assert {finding.subject for finding in found} == {"Variable mlflow_backend", "Variable mlflow_workers"}


def test_proposes_the_name_that_was_meant() -> None:
    [finding] = variables.unknown_names(["mlflow"], SPECIFICATION, ["mlflow_worker", "mlflow_backend", "other"])
    assert finding == Finding(
        "Variable mlflow_worker", "no role knows a variable of this name", "Did you mean mlflow_workers?"
    )


def test_leaves_names_of_other_owners_alone() -> None:
    assert variables.unknown_names(["mlflow"], SPECIFICATION, ["mlflowish", "ansible_host", "prove"]) == []


def test_says_only_the_rules_that_do_not_hold() -> None:
    rules = [
        {"variable": "a", "holds": True, "why": "never said", "mend": "none"},
        {"variable": "b", "holds": False, "why": "b is wrong", "mend": "Set b"},
    ]
    assert variables.broken_rules(rules) == [Finding("Variable b", "b is wrong", "Set b")]


def test_finds_a_node_port_that_two_variables_ask_for() -> None:
    asked = [{"variable": "first", "port": 30500}, {"variable": "second", "port": "30500"}]
    [finding] = variables.node_ports_used_twice(asked)
    assert finding.subject == "Variable second"
    assert "30500 is first's" in finding.why


def test_reports_each_finding_once_and_says_that_nothing_was_changed() -> None:
    finding = Finding("Variable a", "it is wrong.", "Set it")
    assert report([finding, finding]) == (
        "1 thing stands in the way; nothing was changed.\n1. Variable a: it is wrong. Set it."
    )
