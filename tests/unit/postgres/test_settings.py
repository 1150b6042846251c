"""Whether a setting in force is the described one."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.postgres.settings import InForce


@pytest.mark.parametrize(
    ("described", "setting", "unit", "kind", "is_same"),
    [
        ("256MB", "32768", "8kB", "integer", True),
        ("256MB", "32767", "8kB", "integer", False),
        ("4MB", "4096", "kB", "integer", True),
        ("2GB", "2048", "MB", "integer", True),
        ("15min", "900", "s", "integer", True),
        ("1500ms", "1.5", "s", "real", True),
        ("100", "100", "", "integer", True),
        ("-1", "-1", "ms", "integer", True),
        ("1.1", "1.1", "", "real", True),
        ("1.10", "1.1", "", "real", True),
        ("yes", "on", "", "bool", True),
        ("True", "on", "", "bool", True),
        ("0", "on", "", "bool", False),
        ("Replica", "replica", "", "enum", True),
        ("UTC", "UTC", "", "string", True),
        ("utc", "UTC", "", "string", False),
        ("no number", "5", "ms", "integer", False),
    ],
)
def test_a_value_is_compared_by_what_it_means(
    described: str, setting: str, unit: str, kind: str, is_same: bool
) -> None:
    assert InForce("name", setting, unit, kind, "configuration file", setting).means(described) is is_same


def test_a_value_of_the_session_says_nothing_about_the_server() -> None:
    assert not InForce("work_mem", "1", "kB", "integer", "user", "1kB").is_the_servers
    assert InForce("work_mem", "1", "kB", "integer", "configuration file", "1kB").is_the_servers
