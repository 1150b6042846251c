"""One check from question to answer: what was compared, or an error that names what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.apply.results import Action, Outcome, Result
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.check import (
    Bucket,
    Difference,
    compare_files,
    compare_records,
)
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.evidence import Expected, Observed, observe
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.location import Location
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.records import Run

SHOWN = 10


class RunDiffers(TrackingError):
    """A run is not what it is expected to be. `differences` are all of them, the sentence names the first ten."""

    def __init__(self, run: Run, differences: Sequence[Difference]) -> None:
        self.differences = tuple(differences)
        sentences = [one.sentence() for one in differences[:SHOWN]]
        if len(differences) > SHOWN:
            sentences.append(f"and {len(differences) - SHOWN} more")
        super().__init__(
            f"Run {run.run_id} differs from what is expected in {counted(len(differences), 'thing')}",
            why="; ".join(sentences),
            run_id=run.run_id,
            differences=[one.as_result() for one in differences],
        )
        row = Result(f"Run {run.name}", Action.FAILED, readiness="differs", error=self.why)
        self.result = {"changed": False, **Outcome([row], self.what).as_json()}


@dataclass(frozen=True)
class Compared:
    """How much was found equal."""

    params: int
    tags: int
    metrics: int
    values: int
    model_versions: int
    artifacts: int
    bytes: int
    digests: int


@dataclass(frozen=True)
class Report:
    """A run that is what it is expected to be."""

    run: Run
    compared: Compared
    in_bucket: bool

    def as_result(self) -> dict[str, Any]:
        run = {key: getattr(self.run, key) for key in ("run_id", "experiment_id", "name", "artifact_uri")}
        return {"run": run, "compared": asdict(self.compared)}

    def sentence(self) -> str:
        many = self.compared
        values = f"{counted(many.values, 'value')} of {counted(many.metrics, 'metric')}" if many.metrics else ""
        others = {"param": many.params, "tag": many.tags, "model version": many.model_versions}
        parts = [values, *(counted(number, thing) for thing, number in others.items() if number)]
        parts.append(counted(many.artifacts, "artifact"))
        where = "in MLflow and in the bucket" if self.in_bucket else "in MLflow"
        return f"Run {self.run.name}: {', '.join(filter(None, parts))} equal {where}"


def check_run(
    client: MlflowClient, run: Run, expected: Expected, bucket: Bucket | None, destination: Location, *, largest: int
) -> Report:
    """Compares everything; raises RunDiffers with every difference there is, not only the first."""
    observed = observe(client, run, expected)
    differences = [
        *compare_records(expected, observed),
        *compare_files(expected, observed, bucket, destination, largest=largest),
    ]
    if differences:
        raise RunDiffers(run, differences)
    return Report(run, _count(expected, observed, largest), bucket is not None)


def counted(number: int, thing: str) -> str:
    """ "1 param", "2 params"."""
    return f"{number} {thing}" + ("" if number == 1 else "s")


def _count(expected: Expected, observed: Observed, largest: int) -> Compared:
    return Compared(
        params=len(expected.params),
        tags=len(expected.tags),
        metrics=len(expected.metrics),
        values=sum(len(value) if isinstance(value, list) else 1 for value in expected.metrics.values()),
        model_versions=len(expected.model_versions),
        artifacts=len(observed.files),
        bytes=sum(file.size for file in observed.files),
        digests=sum(file.size <= largest for file in observed.files),
    )
