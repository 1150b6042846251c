"""The revisions that this image's MLflow knows, read from the text of its migration scripts.

To import them imports all of MLflow, which takes seconds and memory.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import Failed

FOLDERS = {"tracking": "store/db_migrations/versions", "auth": "server/auth/db/migrations/versions"}


@dataclass(frozen=True)
class Revisions:
    """`head` is the newest, which the image's MLflow wants."""

    head: str
    known: frozenset[str]


def of_image(kind: str) -> Revisions:
    """Those of schema `kind`. Raises Failed where the image has no MLflow, or a broken one."""
    package = importlib.util.find_spec("mlflow")
    if package is None or package.origin is None:
        raise Failed("The image has no MLflow: set mlflow_image to one that has.")
    return in_folder(Path(package.origin).parent / FOLDERS[kind])


def in_folder(folder: Path) -> Revisions:
    """Those of Alembic's scripts in `folder`."""
    known: set[str] = set()
    replaced: set[Any] = set()
    for script in folder.glob("*.py"):
        values = _assigned(script)
        if values.get("revision"):
            known.add(values["revision"])
            down = values.get("down_revision")
            replaced.update(down if isinstance(down, tuple) else {down})
    heads = known - replaced
    if len(heads) != 1:
        raise Failed(f"{folder} has {len(heads)} newest revisions, not one: set mlflow_image to a release of MLflow.")
    return Revisions(heads.pop(), frozenset(known))


def _assigned(script: Path) -> dict[str, Any]:
    """{name: value} of the plain values a script assigns at its top level."""
    values: dict[str, Any] = {}
    for statement in ast.parse(script.read_text(encoding="utf-8")).body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        for target in targets:
            with contextlib.suppress(ValueError):
                if isinstance(target, ast.Name):
                    values[target.id] = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
    return values
