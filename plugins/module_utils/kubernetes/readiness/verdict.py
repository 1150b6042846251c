"""What is said of an object's readiness."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Readiness:
    """done: it will not change any more by itself. successful: it is as it should be. message: for people."""

    done: bool
    successful: bool
    message: str


def ready(message: str = "ready") -> Readiness:
    """It is as it should be."""
    return Readiness(done=True, successful=True, message=message)


def waiting(message: str) -> Readiness:
    """Not yet."""
    return Readiness(done=False, successful=False, message=message)


def failed(message: str) -> Readiness:
    """It never will be, as it is."""
    return Readiness(done=True, successful=False, message=message)
