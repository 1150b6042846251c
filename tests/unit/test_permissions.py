"""What roles say they must be allowed to do, as RBAC is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mlops.tracking.plugins.plugin_utils.permissions import expanded

ROLES = sorted((Path(__file__).parents[2] / "roles").glob("*/meta/preflight.yml"))
OF_RIGHTS = "rbac.authorization.k8s.io"


def permissions(file: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(file.read_text(encoding="utf-8")).get("permissions") or []


def test_secrets_that_are_copied_are_read_where_they_are_and_nothing_else() -> None:
    asked = [{"copied": ["vault/slack", "databases/tracking"]}, {"resources": ["namespaces"]}]
    assert list(expanded(asked)) == [
        {"namespace": "vault", "resources": ["secrets"], "names": ["slack"], "verbs": ["get"]},
        {"namespace": "databases", "resources": ["secrets"], "names": ["tracking"], "verbs": ["get"]},
        {"resources": ["namespaces"]},
    ]


@pytest.mark.parametrize("file", ROLES, ids=lambda file: file.parts[-3])
def test_secrets_are_named_one_by_one_where_they_are_kept(file: Path) -> None:
    kept = [each for each in permissions(file) if "verbs" not in each and "secrets" in each.get("resources", [])]
    assert [each for each in kept if not each.get("names") or each["resources"] != ["secrets"]] == []


# Role drift's own rights are given by whoever deploys it, and the check does not look at them.
@pytest.mark.parametrize("file", [each for each in ROLES if each.parts[-3] != "drift"], ids=lambda file: file.parts[-3])
def test_roles_that_give_rights_are_named_too(file: Path) -> None:
    kept = [each for each in permissions(file) if any(OF_RIGHTS in one for one in each.get("resources", []))]
    assert [each for each in kept if not each.get("names")] == []
