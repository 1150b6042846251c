"""Waiting for objects in a test: at once, or in the background while the test plays the controllers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from engine import Engine

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.resources import Resources
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.objects.references import Reference
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.rule import rules_of
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.readiness.verdict import Readiness
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.mask import Mask
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.waiting.wait import Waiting

JSON = Any
Verdicts = dict[Reference, Readiness]

SECONDS = 20.0


def wait_for(cluster: Cluster, *bodies: JSON, seconds: float = SECONDS, rules: Sequence[JSON] = ()) -> Verdicts:
    waiting = Waiting(cluster, Resources(cluster), Mask(), seconds, 4, rules_of(rules))
    return waiting.until_ready({Reference.of(body): body for body in bodies})


def started(pool: ThreadPoolExecutor, cluster: Cluster, *bodies: JSON, **how: Any) -> Future[Verdicts]:
    return pool.submit(wait_for, cluster, *bodies, **how)


def messages(verdicts: Verdicts) -> list[str]:
    return [verdict.message for verdict in verdicts.values()]


def await_audit(engine: Engine, since: int, verb: str, resource: str) -> None:
    """Comes back when such a request has been made."""
    deadline = time.monotonic() + SECONDS
    while f"{verb} {resource}" not in requests_since(engine, since):
        assert time.monotonic() < deadline, requests_since(engine, since)
        time.sleep(0.02)


def requests_since(engine: Engine, mark: int) -> list[str]:
    """`verb resource` of each request; a watch counts when it begins."""
    return [
        f"{event['verb']} {event.get('objectRef', {}).get('resource', event['requestURI'])}"
        for event in engine.server.audit()[mark:]
        if event["stage"] == "ResponseStarted" or event["verb"] != "watch"
    ]
