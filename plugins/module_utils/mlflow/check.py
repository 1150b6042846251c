"""Comparing: a run as it was written, as the server tells of it, and as it lies in the bucket."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.evidence import (
    Expected,
    ExpectedVersion,
    History,
    KeptFile,
    Observed,
)
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location, locate
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.records import ModelVersion


class Bucket(Protocol):
    """Straight access to object storage, past MLflow."""

    def sizes(self, root: Location) -> Mapping[str, int]:
        """{path below root: bytes} of every object below it."""

    def digest(self, place: Location) -> str:
        """SHA-256 of an object."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be."""

    what: str
    expected: Any
    found: Any

    def sentence(self) -> str:
        return f"{self.what} is {_short(self.found)}, expected {_short(self.expected)}"

    def as_result(self) -> dict[str, Any]:
        return asdict(self)


def compare_records(expected: Expected, observed: Observed) -> Iterator[Difference]:
    """What the database holds: status, params, metrics, tags and versions of models."""
    run = observed.run
    if run.status != expected.status:
        yield Difference(f"the status of run {run.run_id}", expected.status, run.status)
    for kind, wanted, found in (("param", expected.params, run.params), ("tag", expected.tags, run.tags)):
        for key, text in wanted.items():
            if found.get(key) != text:
                yield Difference(f"{kind} {key!r}", text, found.get(key))
    for name, value in expected.metrics.items():
        if isinstance(value, list):
            yield from _compare_history(name, value, observed.histories.get(name, []))
        elif not _same(value, run.metrics.get(name)):
            yield Difference(f"metric {name!r}", value, run.metrics.get(name))
    for one in expected.model_versions:
        yield from _compare_version(one, observed.model_versions.get((one.name, one.version)))


def compare_files(
    expected: Expected, observed: Observed, bucket: Bucket | None, destination: Location, *, largest: int
) -> Iterator[Difference]:
    """The files: the list as written, as the server has it and as the bucket has it, then the digests of each.

    A file of more than `largest` bytes is compared by size only. Without a bucket the server alone is asked.
    """
    files = {file.path: file for file in observed.files}
    for path in expected.artifacts:
        if path not in files:
            yield Difference(f"artifact {path!r}", "a file", None)
    lying = _lying(observed, bucket, destination) if bucket else {}
    if bucket:
        listed = {locate(file.root, destination).below(file.relative) for file in observed.files}
        for stray in sorted(lying.keys() - listed, key=str):
            yield Difference(f"object {stray}", "a file the server lists", "one it does not list")
    for file in observed.files:
        place = locate(file.root, destination).below(file.relative) if bucket else None
        if place and lying.get(place) != file.size:
            yield Difference(f"the size of artifact {file.path!r} at {place}", file.size, lying.get(place))
        elif file.size <= largest:
            yield from _compare_digests(file, expected.artifacts.get(file.path), bucket, place)


def _lying(observed: Observed, bucket: Bucket, destination: Location) -> dict[Location, int]:
    roots = {locate(uri, destination) for uri in {observed.run.artifact_uri, *(file.root for file in observed.files)}}
    return {root.below(path): size for root in roots for path, size in bucket.sizes(root).items()}


def _compare_digests(
    file: KeptFile, written: str | None, bucket: Bucket | None, place: Location | None
) -> Iterator[Difference]:
    served = file.digest()
    if written is not None and served != written:
        yield Difference(f"the digest of artifact {file.path!r} as MLflow gives it out", written, served)
    if bucket and place:
        kept = bucket.digest(place)
        if kept != (written or served):
            yield Difference(f"the digest of artifact {file.path!r} at {place}", written or served, kept)


def _compare_history(name: str, expected: History, found: History) -> Iterator[Difference]:
    if len(expected) != len(found):
        yield Difference(f"the number of values of metric {name!r}", len(expected), len(found))
        return
    for (step, value), (found_step, found_value) in zip(expected, found, strict=True):
        if step != found_step:
            yield Difference(f"a step of metric {name!r}", step, found_step)
        elif not _same(value, found_value):
            yield Difference(f"metric {name!r} at step {step}", value, found_value)


def _compare_version(expected: ExpectedVersion, found: ModelVersion | None) -> Iterator[Difference]:
    what = f"model {expected.name!r} version {expected.version}"
    if found is None:
        yield Difference(what, "a registered version", None)
        return
    if expected.stage is not None and found.stage != expected.stage:
        yield Difference(f"the stage of {what}", expected.stage, found.stage)
    if expected.run_id is not None and found.run_id != expected.run_id:
        yield Difference(f"the run of {what}", expected.run_id, found.run_id)
    for alias in expected.aliases:
        if alias not in found.aliases:
            yield Difference(f"alias {alias!r} of {what}", "set", f"not among {list(found.aliases)}")


def _same(one: float, other: float | None) -> bool:
    """Equal to the last bit: nothing between a client and a database may round. NaN is NaN."""
    return other is not None and (one == other or (math.isnan(one) and math.isnan(other)))


def _short(value: Any) -> str:
    text = "missing" if value is None else repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
