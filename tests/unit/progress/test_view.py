"""What a person reads of a module's progress: in a terminal that is rewritten, and as lines that stay."""

from __future__ import annotations

import pytest

from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.view import Lines, Live
from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.words import folded, plain, since

OF = "Deployment monitoring/mlflow"


def now(text: str, of: str = OF) -> dict[str, str]:
    return {"of": of, "now": text}


class Screen:
    """What a terminal shows after all that was written to it, as far as the views use one."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def draw(self, text: str) -> None:
        if text.endswith("A\r\x1b[J"):
            del self.lines[len(self.lines) - int(text.removeprefix("\x1b[").removesuffix("A\r\x1b[J")) :]
        else:
            self.lines += text.removeprefix("\x1b[?7l").removesuffix("\x1b[?7h").splitlines()


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_what_is_over_within_a_second_is_not_worth_a_word(screen: Screen) -> None:
    live = Live(screen.say, screen.draw, 79)
    live.take(now("0 of 1 replicas available"), 0.0)
    live.show(0.5)
    live.take({"of": OF, "end": "1 of 1 replicas available"}, 0.9)
    live.show(1.2)
    assert screen.lines == []


def test_a_terminal_shows_what_is_waited_for_and_keeps_what_became_of_it(screen: Screen) -> None:
    live = Live(screen.say, screen.draw, 79)
    live.take(now("0 of 1 replicas available"), 0.0)
    live.take(now("the load balancer has no address yet", "Service a/b"), 1.0)
    live.show(3.2)
    assert screen.lines == [
        f"  {OF}: 0 of 1 replicas available (3 s)",
        "  Service a/b: the load balancer has no address yet (2 s)",
    ]
    live.take({"of": OF, "end": "1 of 1 replicas available"}, 3.4)
    live.take({"of": "Job a/b", "line": "epoch 3"}, 3.4)
    live.show(3.5)
    assert screen.lines == [
        "  Job a/b | epoch 3",
        f"  {OF}: 1 of 1 replicas available, after 3 s",
        "  Service a/b: the load balancer has no address yet (2 s)",
    ]
    live.end()
    assert len(screen.lines) == 2


def test_many_things_are_counted(screen: Screen) -> None:
    live = Live(screen.say, screen.draw, 79)
    for number in range(100):
        live.take(now("being deleted", f"ConfigMap a/{number:02}"), 0.0)
    live.show(2.0)
    assert screen.lines[-2:] == ["  ConfigMap a/05: being deleted (2 s)", "  and 94 more"]
    for number in range(100):
        live.take({"of": f"ConfigMap a/{number:02}", "end": "gone"}, 3.0)
    live.show(3.0)
    assert screen.lines[-2:] == ["  ConfigMap a/05: gone, after 3 s", "  and 94 more"]
    assert len(screen.lines) == 7


def test_lines_come_when_something_changes_and_every_half_minute() -> None:
    said: list[str] = []
    lines = Lines(said.append, "[staging]")
    for tenth in range(700):
        seconds = tenth / 10
        if tenth == 0:
            lines.take(now("0 of 1 replicas updated"), seconds)
        if tenth == 55:
            lines.take(now("0 of 1 replicas available"), seconds)
        lines.show(seconds)
    lines.take({"of": OF, "end": "1 of 1 replicas available"}, 70.0)
    lines.end()
    assert said == [
        f"[staging]  {OF}: 0 of 1 replicas updated (1 s)",
        f"[staging]  {OF}: 0 of 1 replicas available (5 s)",
        f"[staging]  {OF}: 0 of 1 replicas available (35 s)",
        f"[staging]  {OF}: 0 of 1 replicas available (1 min 5 s)",
        f"[staging]  {OF}: 1 of 1 replicas available, after 1 min 10 s",
    ]


def test_lines_are_no_flood_where_everything_changes_all_the_time() -> None:
    said: list[str] = []
    lines = Lines(said.append)
    for tenth in range(100):
        lines.take(now(f"{tenth} of 100 objects applied", ""), tenth / 10)
        lines.show(tenth / 10)
    assert said[0] == "  10 of 100 objects applied (1 s)"
    assert len(said) == 5


def test_a_count_is_told_without_a_name(screen: Screen) -> None:
    live = Live(screen.say, screen.draw, 79)
    live.take(now("312 of 500 objects applied", ""), 0.0)
    live.show(2.0)
    assert screen.lines == ["  312 of 500 objects applied (2 s)"]


def test_a_text_is_folded_so_that_all_of_it_is_seen() -> None:
    text = f"{OF}: 0 of 1 replicas available; container mlflow is being created"
    assert folded(text, " (12 s)", 79, 3) == [
        f"  {OF}: 0 of 1 replicas available; container mlflow is",
        "      being created (12 s)",
    ]
    assert folded(text, " (12 s)", 40, 1) == ["  Deployment monitoring/mlflow... (12 s)"]
    assert all(len(line) <= 60 for line in folded(text * 9, " (12 s)", 60, 3)[:2])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("two\nlines", "two lines"),
        ("\x9b2Jcleared\x00", "2Jcleared"),
        ("Grüße", "Grüße"),
    ],
)
def test_nothing_a_terminal_would_obey_gets_through(written: str, shown: str) -> None:
    assert plain(written) == shown


@pytest.mark.parametrize(("seconds", "told"), [(0.9, "0 s"), (59.9, "59 s"), (125, "2 min 5 s"), (3780, "1 h 3 min")])
def test_a_time_is_told_as_people_do(seconds: float, told: str) -> None:
    assert since(seconds) == told
