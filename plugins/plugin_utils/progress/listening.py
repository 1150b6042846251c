"""Showing a module's progress while it runs: a thread listens to it, and Ansible's Display writes."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.channel import Channel
from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.terminal import is_live
from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.view import Lines, Live, View

OPTION = "tracking_progress"
_CHOICES = ("auto", "plain", "quiet")
_PAUSE = 0.2
_SHORTEST_PAUSE = 0.1  # between two pictures


def wanted_view(variables: Mapping[str, Any], choice: Any) -> View | None:
    """The view for a host with these variables, or None where nothing is to be shown. choice: of `tracking_progress`.

    Where several hosts are at work at once, each line says whose it is and stays.
    """
    if choice not in _CHOICES:
        raise AnsibleActionFail(
            f"Variable {OPTION} cannot be used: {choice!r} is no choice. Set it to one of: {', '.join(_CHOICES)}."
        )
    if choice == "quiet":
        return None
    display = Display()
    batch, hosts = variables.get("ansible_play_batch") or (), variables.get("ansible_play_hosts_all") or ()
    # On stderr, as progress is elsewhere: so no output that a program reads is disturbed, and each line is out at once.

    def say(line: str) -> None:
        display.display(line, stderr=True)

    if choice == "auto" and is_live() and len(batch) <= 1:
        return Live(say, _draw, display.columns)
    return Lines(say, f"[{variables.get('inventory_hostname', '')}]" if len(hosts) > 1 else "")


def _draw(text: str) -> None:
    Display().display(text, stderr=True, newline=False, screen_only=True)


@contextlib.contextmanager
def shown(view: View | None) -> Iterator[str | None]:
    """Gives the path of the pipe that the module is to tell through; None where there is nothing to tell."""
    if view is None:
        yield None
        return
    try:
        channel = Channel(constants.DEFAULT_LOCAL_TMP)
    except OSError:  # a file system without named pipes: the module's work does not depend on it
        yield None
        return
    has_ended = threading.Event()
    with channel:
        thread = threading.Thread(target=_listen, args=(channel, view, has_ended), name="progress", daemon=True)
        thread.start()
        try:
            yield channel.path
        finally:
            has_ended.set()
            channel.wake()
            thread.join()


def _listen(channel: Channel, view: View, has_ended: threading.Event) -> None:
    shown_at = 0.0
    while True:
        is_last = has_ended.is_set()
        messages = channel.read(0.0 if is_last else _PAUSE)
        now = time.monotonic()
        for message in messages:
            view.take(message, now)
        if is_last and not messages:
            break
        if now - shown_at >= _SHORTEST_PAUSE:
            shown_at = now
            view.show(now)
    view.end()
