"""Reading an MLflow server: experiments, runs, metric histories, files and registered models.

It needs no mlflow package: a controller has only the REST API, and a check that shares code with what it checks
proves less. Sources of the paths: MLflow's REST API 2.0 and, for the bytes of files, the routes its own UI uses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.records import (
    Experiment,
    File,
    LoggedModel,
    ModelVersion,
    Point,
    Run,
)
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import MlflowError, Transport

PAGE = 1000


class MlflowClient:
    """What a server says. A thing that isn't there is None where asked for by name, else an MlflowError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def version(self) -> str:
        return self._transport.text("/version").strip()

    def experiment(self, name: str) -> Experiment | None:
        said = self._find("experiments/get-by-name", experiment_name=name)
        return None if said is None else Experiment.of(said["experiment"])

    def experiments(self) -> Iterator[Experiment]:
        """Every active experiment."""
        for page in self._pages("experiments/search", max_results=PAGE):
            yield from map(Experiment.of, page.get("experiments") or [])

    def run(self, run_id: str) -> Run | None:
        said = self._find("runs/get", run_id=run_id)
        return None if said is None else Run.of(said["run"])

    def last_run(self, experiment_id: str, condition: str = "attributes.status = 'FINISHED'") -> Run | None:
        """The youngest run for which `condition` (MLflow's search syntax) holds."""
        said = self._transport.post(
            "runs/search",
            {
                "experiment_ids": [experiment_id],
                "filter": condition,
                "max_results": 1,
                "order_by": ["attributes.start_time DESC"],
            },
        )
        runs = said.get("runs") or []
        return Run.of(runs[0]) if runs else None

    def metric_history(self, run_id: str, name: str) -> list[Point]:
        """Every value of the metric, in the order of the steps."""
        pages = self._pages("metrics/get-history", run_id=run_id, metric_key=name, max_results=PAGE)
        points = [Point.of(one) for page in pages for one in page.get("metrics") or []]
        return sorted(points, key=lambda point: (point.step, point.timestamp))

    def logged_model(self, model_id: str) -> LoggedModel:
        return LoggedModel.of(self._transport.get(f"logged-models/{model_id}")["model"])

    def model_version(self, name: str, version: str) -> ModelVersion | None:
        said = self._find("model-versions/get", name=name, version=version)
        return None if said is None else ModelVersion.of(said["model_version"])

    def alias(self, name: str, alias: str) -> ModelVersion | None:
        """The version an alias points to."""
        try:
            said = self._find("registered-models/alias", name=name, alias=alias)
        except MlflowError as error:
            if error.code == "INVALID_PARAMETER_VALUE":  # what MLflow says of an alias that is not there
                return None
            raise
        return None if said is None else ModelVersion.of(said["model_version"])

    def run_files(self, run_id: str) -> list[File]:
        """Every file below the run's own artifact root, without those of its models."""
        return _walk(
            lambda folder: self._pages("artifacts/list", run_id=run_id, path=folder),
        )

    def model_files(self, model_id: str) -> list[File]:
        """Every file of a logged model."""
        path = f"logged-models/{model_id}/artifacts/directories"
        return _walk(lambda folder: self._pages(path, artifact_directory_path=folder))

    def run_file_digest(self, run_id: str, path: str) -> str:
        """SHA-256 of a run's file as the server gives it out."""
        return self._digest("/get-artifact", run_id=run_id, path=path)

    def model_file_digest(self, model_id: str, path: str) -> str:
        """SHA-256 of a logged model's file as the server gives it out."""
        return self._digest(f"/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files", artifact_file_path=path)

    def _digest(self, path: str, /, **query: str) -> str:
        hashed = hashlib.sha256()
        with self._transport.stream(path, **query) as pieces:
            for piece in pieces:
                hashed.update(piece)
        return hashed.hexdigest()

    def _find(self, path: str, /, **query: Any) -> Any | None:
        try:
            return self._transport.get(path, **query)
        except MlflowError as error:
            if error.is_missing:
                return None
            raise

    def _pages(self, path: str, /, **query: Any) -> Iterator[Any]:
        yield from pages(lambda token: self._transport.get(path, **query, page_token=token))


def pages(ask: Callable[[str], Any]) -> Iterator[Any]:
    """Every page of a search. ask: for the page of a token; empty for the first one."""
    token = ""
    while True:
        page = ask(token)
        yield page
        token = str(page.get("next_page_token") or "")
        if not token:
            return


def searched(transport: Transport, path: str, key: str, asked: Mapping[str, Any]) -> Iterator[Any]:
    """Every item of a search that is asked by POST, as the server's JSON has it."""
    for page in pages(lambda token: transport.post(path, {**asked, **({"page_token": token} if token else {})})):
        yield from page.get(key) or []


def _walk(pages: Callable[[str], Iterator[Any]]) -> list[File]:
    """Every file below a root, by path; `pages` lists one folder ("" is the root)."""
    found: list[File] = []
    folders = [""]
    while folders:
        for page in pages(folders.pop()):
            for one in page.get("files") or []:
                if one.get("is_dir"):
                    folders.append(str(one["path"]))
                else:
                    found.append(File(str(one["path"]), int(one.get("file_size") or 0)))
    return sorted(found, key=lambda file: file.path)
