"""Sets of fields, as the API server keeps them for each manager."""

from __future__ import annotations

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.managed_fields import (
    held_paths,
    held_value,
    meet,
    union,
    without,
)

WEB = 'k:{"name":"web"}'


def test_what_both_hold_is_taken_away_and_what_one_holds_stays() -> None:
    ours = {"f:data": {"f:a": {}, "f:b": {}}}
    assert without(ours, {"f:data": {".": {}, "f:a": {}}}) == {"f:data": {"f:b": {}}}


def test_a_mapping_applied_as_empty_takes_nothing_of_its_parts_away() -> None:
    theirs = {"f:emptyDir": {".": {}, "f:sizeLimit": {}}}
    assert without(theirs, {"f:emptyDir": {}}) == {"f:emptyDir": {"f:sizeLimit": {}}}


def test_parts_that_others_hold_take_nothing_of_the_mapping_away() -> None:
    assert without({"f:emptyDir": {}}, {"f:emptyDir": {"f:sizeLimit": {}}}) == {"f:emptyDir": {}}


def test_a_field_and_its_parts_meet_only_where_both_hold_the_same() -> None:
    assert not meet({"f:emptyDir": {}}, {"f:emptyDir": {"f:sizeLimit": {}}})
    assert meet({"f:emptyDir": {}}, {"f:emptyDir": {".": {}, "f:sizeLimit": {}}})


def test_a_union_keeps_that_the_field_itself_is_held() -> None:
    assert union({"f:a": {}}, {"f:a": {"f:b": {}}}) == {"f:a": {"f:b": {}, ".": {}}}


def test_the_held_part_of_an_item_has_its_keys() -> None:
    live = {"containers": [{"name": "proxy", "image": "p"}, {"name": "web", "image": "w", "args": ["a"]}]}
    held = {"f:containers": {WEB: {"f:image": {}}}}
    assert held_value(held, live, {}) == {"containers": [{"name": "web", "image": "w"}]}


def test_the_paths_that_are_held_are_places_of_the_live_object() -> None:
    live = {"containers": [{"name": "proxy"}, {"name": "web", "image": "w"}], "labels": {"a": "1"}}
    held = {"f:containers": {WEB: {".": {}, "f:image": {}}}, "f:labels": {".": {}}}
    assert list(held_paths(held, live)) == [("containers", 1, "image")]
