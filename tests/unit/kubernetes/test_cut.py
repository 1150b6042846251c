"""What is left of long values, so that a person sees how they differ."""

from __future__ import annotations

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.findings.cut import (
    from_where_they_differ,
    shortened,
)

LONG = "word " * 100


def test_short_texts_and_other_values_are_left_alone() -> None:
    assert from_where_they_differ("a b", "a c", 10) == ("a b", "a c")
    assert from_where_they_differ(LONG, None, 10) == (LONG, None)
    assert from_where_they_differ([LONG], [LONG + "x"], 10) == ([LONG], [LONG + "x"])


def test_long_texts_begin_with_the_word_in_which_they_differ() -> None:
    assert from_where_they_differ(LONG + "north", LONG + "nowhere", 40) == ("...north", "...nowhere")


def test_a_long_word_begins_shortly_before_the_difference() -> None:
    expected, found = from_where_they_differ("a" * 100 + "x", "a" * 100 + "y", 20)
    assert (expected, found) == ("..." + "a" * 10 + "x", "..." + "a" * 10 + "y")


def test_texts_that_differ_from_the_start_are_left_whole() -> None:
    assert from_where_they_differ("x" + LONG, "y" + LONG, 10) == ("x" + LONG, "y" + LONG)


def test_a_long_text_says_how_much_of_it_is_not_shown() -> None:
    assert shortened({"key": ["x" * 12]}, 10) == {"key": ["x" * 10 + "... (2 more characters)"]}
