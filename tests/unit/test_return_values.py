"""What every module returns of each thing is the same, and each says so in its documentation."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Result

MODULES = sorted((Path(__file__).parents[2] / "plugins/modules").glob("*.py"))
WITH_ROWS = [module for module in MODULES if "run_module(" in module.read_text(encoding="utf-8")]

TYPES = {
    "ref": "str",
    "action": "str",
    "changes": "list",
    "duration": "float",
    "tries": "int",
    "readiness": "str",
    "error": "str",
}


def documented(module: Path, part: str = "RETURN") -> dict[str, Any]:
    for statement in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == part:
            values: dict[str, Any] = yaml.safe_load(ast.literal_eval(statement.value))
            return values
    raise AssertionError(f"{module.name} has no {part}")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_each_line_of_a_description_can_be_read(module: Path) -> None:
    lines = documented(module, "DOCUMENTATION")["description"]
    assert [line for line in lines if not isinstance(line, str)] == []


@pytest.mark.parametrize("module", WITH_ROWS, ids=lambda module: module.stem)
def test_every_column_of_a_row_is_documented(module: Path) -> None:
    row = Result("Bucket results", Action.FAILED, error="refused").as_json()
    assert set(row) <= set(documented(module)["objects"]["contains"])


@pytest.mark.parametrize("module", WITH_ROWS, ids=lambda module: module.stem)
def test_the_columns_have_one_meaning_and_type_everywhere(module: Path) -> None:
    columns = documented(module)["objects"]["contains"]
    types = {name: column["type"] for name, column in columns.items() if name in TYPES}
    assert types == TYPES
    assert columns["changes"]["elements"] == "str"


@pytest.mark.parametrize("module", WITH_ROWS, ids=lambda module: module.stem)
def test_every_module_documents_what_a_failure_returns(module: Path) -> None:
    error = documented(module)["error"]
    assert (error["type"], error["returned"]) == ("dict", "failure")


@pytest.mark.parametrize("module", WITH_ROWS, ids=lambda module: module.stem)
def test_every_module_sums_its_rows_up(module: Path) -> None:
    assert "summary" in documented(module)
