"""What the roles of this collection say of themselves, as it lies in their folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROLES = Path(__file__).parents[2] / "roles"


def role_file(loader: Any, role: str, file: str) -> dict[str, Any]:
    """A file of a role, its templates still to be filled in; empty where the role has no such file."""
    path = ROLES / role / file
    return loader.load_from_file(str(path), trusted_as_template=True) or {} if path.is_file() else {}


def role_options(loader: Any, role: str) -> dict[str, Any]:
    """The options of a role by their names."""
    specification = role_file(loader, role, "meta/argument_specs.yml")
    return specification["argument_specs"]["main"].get("options", {})


def holding(templar: Any, items: Any) -> list[dict[str, Any]]:
    """The items of a role's file that hold for the variables of this host, without their `when`."""
    return [item for item in templar.template(items) if item.pop("when", True)]
