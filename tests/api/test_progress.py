"""What a person sees while a module waits: live in a terminal, as lines elsewhere, or nothing if they want that."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from controllers import pod, replica_set, roll_out, starting
from engine import Engine
from objects_to_apply import deployment
from terminal import watched

JSON = Any


def wait_task(engine: Engine) -> JSON:
    return {"mlops.tracking.manifests": {"definitions": [deployment(engine.namespace)], "wait_timeout": 40}}


def once_applied(engine: Engine) -> JSON:
    deadline = time.monotonic() + 30
    while (live := engine.live(deployment(engine.namespace))) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return live


def test_a_terminal_shows_who_is_waited_for_and_since_when(engine: Engine, tmp_path: Path) -> None:
    run = watched(engine, tmp_path, [wait_task(engine)])
    live = once_applied(engine)
    engine.edit(live, {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1"}}})
    name = f"Deployment {engine.namespace}/web"
    run.shows(f"  {name}: the change is not seen yet (1 s)")
    roll_out(engine, live, available=0, unavailableReplicas=1)
    pod(engine, replica_set(engine, live, 1), **starting())
    run.shows(f"  {name}: 0 of 1 replicas available; container web is being created (")
    roll_out(engine, live)
    text = run.end()
    print(repr(run.output))
    assert f"  {name}: 1 of 1 replicas available, after " in text
