"""The paths that differ, as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.diff import (
    as_text,
    changed_paths,
    comparable,
)


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, ["a.c"]),
        ({"a": {"b": {"c": 1}}}, {"a": {}}, ["a.b"]),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"data": {"ca.crt": 1}}, {"data": {"ca.crt": 2}}, ["data[ca.crt]"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a[1]"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a"]),
        ({"c": [{"name": "x", "i": 1}]}, {"c": [{"name": "y", "i": 1}, {"name": "x", "i": 2}]}, ["c[x].i", "c[y]"]),
        ({"c": [{"name": "x"}, {"name": "y"}]}, {"c": [{"name": "y"}, {"name": "x"}]}, ["c"]),
    ],
    ids=str,
)
def test_names_the_highest_path_that_differs(before: Any, after: Any, paths: list[str]) -> None:
    assert changed_paths(before, after) == paths


def test_what_the_server_keeps_for_itself_is_no_difference() -> None:
    metadata = {"name": "x", "uid": "1", "resourceVersion": "2", "generation": 3, "managedFields": []}
    assert comparable({"metadata": metadata, "status": {"phase": "Active"}}) == {"metadata": {"name": "x"}}


def test_a_text_of_several_lines_is_shown_line_by_line() -> None:
    assert as_text({"data": {"file": "one\ntwo\n"}}) == "data:\n  file: |\n    one\n    two\n"
