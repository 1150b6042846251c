"""Every role has the same rooms, and says its defaults once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = sorted(path for path in (Path(__file__).parents[2] / "roles").iterdir() if path.is_dir())
STACK = [role for role in ROLES if role.name != "local_cluster"]

# What a role deploys beside what it is named after.
ALSO = {"persistence": ("postgres_",)}


def named(roles: list[Path]) -> Any:
    return pytest.mark.parametrize("role", roles, ids=lambda role: role.name)


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


@named(ROLES)
def test_argument_specs_equal_the_defaults(role: Path) -> None:
    options = read(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    stated = {name: option["default"] for name, option in options.items() if "default" in option}
    assert stated == read(role / "defaults/main.yml")


@named(ROLES)
def test_every_option_is_described_and_typed(role: Path) -> None:
    main = read(role / "meta/argument_specs.yml")["argument_specs"]["main"]
    assert main["short_description"]
    assert main["description"]
    bare = [name for name, option in main["options"].items() if not (option.get("description") and option.get("type"))]
    assert bare == []


@named(ROLES)
def test_every_option_carries_the_prefix_of_its_role(role: Path) -> None:
    options = read(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    prefixes = (f"{role.name}_", *ALSO.get(role.name, ()))
    assert [name for name in options if not name.startswith(prefixes)] == []


@named(STACK)
def test_has_the_rooms_of_a_role(role: Path) -> None:
    rooms = ["meta/preflight.yml", "tasks/main.yml", "tasks/verify.yml", "tasks/absent.yml", "README.md"]
    assert [room for room in rooms if not (role / room).is_file()] == []


@named(ROLES)
def test_main_reads_like_a_table_of_contents(role: Path) -> None:
    assert len((role / "tasks/main.yml").read_text(encoding="utf-8").splitlines()) <= 60
