"""What is expected of a run, and what a server says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput, TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.records import ModelVersion, Run

History = list[tuple[int, float]]


@dataclass(frozen=True)
class ExpectedVersion:
    """A version of a registered model; what is None may be anything. Every alias named must point to it."""

    name: str
    version: str
    stage: str | None = None
    aliases: tuple[str, ...] = ()
    run_id: str | None = None


@dataclass(frozen=True)
class Expected:
    """What somebody wrote. Everything named must be there and equal; more may be there, but for `artifacts`."""

    status: str = "FINISHED"
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float | History] = field(default_factory=dict)  # a last value, or every (step, value)
    tags: Mapping[str, str] = field(default_factory=dict)
    model_versions: Sequence[ExpectedVersion] = ()
    artifacts: Mapping[str, str] = field(default_factory=dict)  # path -> SHA-256; a model's begin with its name

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Expected:
        """From the options of module mlflow_check; raises InvalidInput naming the option."""
        versions = [
            ExpectedVersion(
                name=one["name"],
                version=str(one["version"]),
                stage=one["stage"],
                aliases=tuple(sorted(one["aliases"] or ())),
                run_id=one["run_id"],
            )
            for one in parameters["model_versions"] or []
        ]
        return cls(
            status=parameters["status"],
            params={key: str(value) for key, value in (parameters["params"] or {}).items()},
            metrics={name: _metric(name, value) for name, value in (parameters["metrics"] or {}).items()},
            tags={key: str(value) for key, value in (parameters["tags"] or {}).items()},
            model_versions=versions,
            artifacts=dict(parameters["artifacts"] or {}),
        )


@dataclass(frozen=True)
class KeptFile:
    """A file of a run or of a model it logged, as the server tells of it."""

    path: str  # as `artifacts` names it: below the run, or NAME-OF-THE-MODEL/path
    size: int
    root: str  # the artifact URI it lies below
    relative: str  # its path below that root
    digest: Callable[[], str]  # SHA-256 of what the server gives out, read when called


@dataclass(frozen=True)
class Observed:
    """What the server says of a run."""

    run: Run
    histories: Mapping[str, History]
    model_versions: Mapping[tuple[str, str], ModelVersion | None]
    files: Sequence[KeptFile]


def find_run(client: MlflowClient, run_id: str | None, experiment: str | None) -> Run:
    """The run of that id, or the last finished one of the experiment; a missing one is a TrackingError."""
    if run_id:
        run = client.run(run_id)
        if run is None:
            raise TrackingError(f"MLflow has no run {run_id}", mend="Check the id and the tracking URI", run_id=run_id)
        return run
    found = client.experiment(str(experiment))
    if found is None:
        raise TrackingError(
            f"MLflow has no experiment {experiment!r}",
            mend="Check the name and the tracking URI",
            experiment=experiment,
        )
    run = client.last_run(found.experiment_id)
    if run is None:
        raise TrackingError(
            f"Experiment {experiment!r} has no finished run", mend="Run a training in it first", experiment=experiment
        )
    return run


def observe(client: MlflowClient, run: Run, expected: Expected) -> Observed:
    """Reads everything of the run that `expected` speaks of, and the list of every file it left."""
    histories = {
        name: [(point.step, point.value) for point in client.metric_history(run.run_id, name)]
        for name, value in expected.metrics.items()
        if isinstance(value, list)
    }
    versions = {(one.name, one.version): client.model_version(one.name, one.version) for one in expected.model_versions}
    return Observed(run, histories, versions, kept_files(client, run))


def kept_files(client: MlflowClient, run: Run) -> list[KeptFile]:
    """Every file of the run and of the models it logged, as a user sees them below `runs:/ID/`."""

    def of_run(path: str) -> Callable[[], str]:
        return lambda: client.run_file_digest(run.run_id, path)

    def of_model(model_id: str, path: str) -> Callable[[], str]:
        return lambda: client.model_file_digest(model_id, path)

    files = [
        KeptFile(file.path, file.size, run.artifact_uri, file.path, of_run(file.path))
        for file in client.run_files(run.run_id)
    ]
    for model_id in run.model_ids:
        model = client.logged_model(model_id)
        files += [
            KeptFile(
                f"{model.name}/{file.path}", file.size, model.artifact_uri, file.path, of_model(model_id, file.path)
            )
            for file in client.model_files(model_id)
        ]
    return files


def _metric(name: str, value: Any) -> float | History:
    try:
        if isinstance(value, list):
            return [(int(step), float(number)) for step, number in value]
        return float(value)
    except (TypeError, ValueError):
        raise InvalidInput(
            "metrics", f"metric {name!r} is {value!r}", "Give a number, or a list of [step, number]", metric=name
        ) from None
