"""What an MLflow server keeps, as small records: a run, its metrics, its files, its models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Experiment:
    """A named set of runs. `artifact_location` is where new runs of it put their files."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Experiment:
        return cls(
            experiment_id=str(said["experiment_id"]),
            name=str(said["name"]),
            artifact_location=str(said.get("artifact_location", "")),
            lifecycle_stage=str(said.get("lifecycle_stage", "active")),
        )


@dataclass(frozen=True)
class Run:
    """One training. `metrics` are the last values; `model_ids` are the models it logged, in that order."""

    run_id: str
    experiment_id: str
    name: str
    status: str
    artifact_uri: str
    start_time: int  # milliseconds since 1970
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    model_ids: tuple[str, ...]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Run:
        info, data = said["info"], said.get("data") or {}
        outputs = (said.get("outputs") or {}).get("model_outputs") or []
        return cls(
            run_id=str(info["run_id"]),
            experiment_id=str(info["experiment_id"]),
            name=str(info.get("run_name", "")),
            status=str(info.get("status", "")),
            artifact_uri=str(info.get("artifact_uri", "")),
            start_time=int(info.get("start_time") or 0),
            params=_pairs(data.get("params")),
            # A float may come as the text NaN, Infinity or -Infinity: JSON has no such numbers.
            metrics={one["key"]: float(one.get("value", 0.0)) for one in data.get("metrics") or []},
            tags=_pairs(data.get("tags")),
            model_ids=tuple(str(one["model_id"]) for one in outputs),
        )


@dataclass(frozen=True)
class Point:
    """One value of a metric. `timestamp` is in milliseconds since 1970."""

    step: int
    value: float
    timestamp: int

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Point:
        return cls(int(said.get("step") or 0), float(said.get("value", 0.0)), int(said.get("timestamp") or 0))


@dataclass(frozen=True)
class File:
    """A file below an artifact root: its path relative to the root, its size in bytes."""

    path: str
    size: int


@dataclass(frozen=True)
class LoggedModel:
    """A model as MLflow 3 keeps it: beside the runs, with an artifact root of its own."""

    model_id: str
    name: str
    artifact_uri: str
    source_run_id: str
    status: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> LoggedModel:
        info = said["info"]
        return cls(
            model_id=str(info["model_id"]),
            name=str(info.get("name", "")),
            artifact_uri=str(info.get("artifact_uri", "")),
            source_run_id=str(info.get("source_run_id", "")),
            status=str(info.get("status", "")),
        )


@dataclass(frozen=True)
class ModelVersion:
    """A version in the registry. `stage` is None, Staging, Production or Archived."""

    name: str
    version: str
    stage: str
    aliases: tuple[str, ...]
    source: str
    run_id: str
    status: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> ModelVersion:
        return cls(
            name=str(said["name"]),
            version=str(said["version"]),
            stage=str(said.get("current_stage") or "None"),
            aliases=tuple(sorted(map(str, said.get("aliases") or ()))),
            source=str(said.get("source", "")),
            run_id=str(said.get("run_id", "")),
            status=str(said.get("status", "")),
        )


def _pairs(said: list[Mapping[str, Any]] | None) -> dict[str, str]:
    return {str(one["key"]): str(one.get("value", "")) for one in said or []}
