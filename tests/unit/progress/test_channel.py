"""A module's end and the action plugin's end of the pipe between them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.mlops.tracking.plugins.module_utils.progress import VARIABLE, Progress
from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.channel import Channel


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    with Channel(str(tmp_path)) as opened:
        yield opened


@pytest.fixture
def progress(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Iterator[Progress]:
    monkeypatch.setenv(VARIABLE, channel.path)
    made = Progress.from_environment()
    yield made
    made.close()


def test_what_is_told_is_heard_in_its_order(channel: Channel, progress: Progress) -> None:
    progress.now("Job a/b", "1 pod active")
    progress.now("Job a/b", "1 pod active")  # no news
    progress.line("Job a/b", "Grüße")
    progress.end("Job a/b", "complete")
    progress.end("Job a/c", "complete")  # nobody ever waited for it
    assert channel.read(1.0) == [
        {"of": "Job a/b", "now": "1 pod active"},
        {"of": "Job a/b", "line": "Grüße"},
        {"of": "Job a/b", "end": "complete"},
    ]


def test_a_long_text_is_cut_so_that_messages_of_threads_do_not_mix(channel: Channel, progress: Progress) -> None:
    threads = [threading.Thread(target=progress.line, args=(f"Job a/{n}", "€" * 5000)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard = [message for _ in range(3) for message in channel.read(0.2)]
    assert sorted(message["of"] for message in heard) == [f"Job a/{n}" for n in range(5)]
    assert all(message["line"].endswith("€...") for message in heard)


def test_a_module_does_not_wait_for_one_that_reads_too_slowly(channel: Channel, progress: Progress) -> None:
    for number in range(5000):
        progress.line("Job a/b", f"line {number}")
    assert channel.read(1.0)[0]["line"] == "line 0"


def test_a_module_works_on_when_nobody_listens_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Channel(str(tmp_path)) as opened:
        monkeypatch.setenv(VARIABLE, opened.path)
        made = Progress.from_environment()
    made.line("Job a/b", "into the void")
    assert not Path(opened.path).exists()
    assert not Progress.from_environment().is_heard


def test_a_module_killed_in_mid_message_is_no_trouble(channel: Channel) -> None:
    pipe = os.open(channel.path, os.O_WRONLY)
    os.write(pipe, b'{"of": "Job a/b", "li')
    os.close(pipe)
    assert channel.read(0.2) == []
    channel.wake()
    assert channel.read(0.2) == []


def test_a_count_is_told_now_and_then(channel: Channel, progress: Progress) -> None:
    count = progress.count("objects applied", 2000)
    for _ in range(2000):
        count.one()
    count.end()
    heard = channel.read(1.0)
    assert heard[0]["now"] == "1 of 2,000 objects applied"
    assert heard[-1] == {"of": "", "end": "2,000 of 2,000 objects applied"}
    assert len(heard) < 20
