"""Reading much of what an MLflow server holds, each thing as a digest of the server's own JSON for it.

Two servers on two databases say the same of the same things, so one survey can be compared with another.
Lists in the JSON have no order of their own between databases and are sorted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient, pages, searched
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import MlflowError, Transport

JSON = Any

ENDED = ("FINISHED", "FAILED", "KILLED")
PAGE = 1000
SMALL_PAGE = 100
NOT_FINITE = ("nan", "infinity", "-infinity", "inf", "-inf")
LARGEST_FIGURE = 1.7e308  # MLflow keeps infinities as this
LARGEST_ARTIFACT = 64 << 20


@dataclass(frozen=True)
class Limits:
    """How many of each kind are read, as a server may hold millions. Of runs, half are the oldest, half the newest."""

    runs: int = 2000
    histories: int = 30
    versions: int = 2000
    traces: int = 500


@dataclass
class Survey:
    """{what: {key: digest}}. `open_runs` were still running: what they hold may grow."""

    things: dict[str, dict[str, str]] = field(default_factory=dict)
    open_runs: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, JSON]:
        """As a module returns it, and takes it back."""
        return {"things": self.things, "open_runs": self.open_runs}

    @classmethod
    def from_json(cls, given: Mapping[str, JSON]) -> Survey:
        """The opposite of as_json."""
        return cls({kind: dict(keys) for kind, keys in given["things"].items()}, list(given["open_runs"]))

    def counts(self) -> dict[str, int]:
        """How many of each kind were read."""
        return {kind: len(keys) for kind, keys in self.things.items()}


def survey(transport: Transport, limits: Limits) -> Survey:
    """Reads experiments with deleted ones, runs, histories, the registry, logged models, traces and one artifact."""
    found = Survey()
    experiments = list(_experiments(transport))
    names = [str(one["experiment_id"]) for one in experiments]
    runs = list(_runs(transport, names, limits.runs))
    ended = [run for run in runs if run["info"].get("status") in ENDED]
    found.open_runs = sorted({run["info"]["run_id"] for run in runs} - {run["info"]["run_id"] for run in ended})
    found.things = {
        "experiments": {str(one["experiment_id"]): digest_of(one) for one in experiments},
        "runs": {run["info"]["run_id"]: digest_of(run) for run in ended},
        "metric histories": dict(_histories(transport, ended, limits.histories)),
        "registered models": {one["name"]: digest_of(one) for one in _models(transport, limits.versions)},
        "model versions": {f"{one['name']}/{one['version']}": digest_of(one) for one in _versions(transport, limits)},
        "logged models": {one["info"]["model_id"]: digest_of(one) for one in _logged_models(transport, names, limits)},
        "traces": {one["request_id"]: digest_of(one) for one in _traces(transport, names, limits.traces)},
        "artifacts": dict(_artifact(MlflowClient(transport), ended)),
    }
    return found


def raw_run(transport: Transport, run_id: str) -> JSON | None:
    """A run as the server's JSON has it; None where there is none."""
    try:
        return transport.get("runs/get", run_id=run_id)["run"]
    except MlflowError as error:
        if error.is_missing:
            return None
        raise


def history_digest(client: MlflowClient, run_id: str, key: str) -> str | None:
    """The digest of a metric's whole history; None where it has no value."""
    points = client.metric_history(run_id, key)
    return digest_of([[point.step, str(point.value), point.timestamp] for point in points]) if points else None


def digest_of(thing: JSON) -> str:
    """16 hexadecimal digits of the SHA-256 of a JSON value, the order of its lists and keys left out."""
    return hashlib.sha256(json.dumps(_ordered(thing), sort_keys=True).encode()).hexdigest()[:16]


def _ordered(thing: JSON) -> JSON:
    if isinstance(thing, Mapping):
        return {key: _ordered(value) for key, value in thing.items()}
    if isinstance(thing, list):
        return sorted((_ordered(each) for each in thing), key=lambda each: json.dumps(each, sort_keys=True))
    return thing


def _experiments(transport: Transport) -> Iterator[JSON]:
    yield from searched(transport, "experiments/search", "experiments", {"view_type": "ALL", "max_results": PAGE})


def _runs(transport: Transport, experiments: list[str], most: int) -> Iterator[JSON]:
    """The oldest and the newest runs of all experiments, deleted ones too, each once."""
    seen: set[str] = set()
    for order in ("ASC", "DESC"):
        asked = {
            "experiment_ids": experiments,
            "run_view_type": "ALL",
            "order_by": [f"attributes.start_time {order}", "attributes.run_id ASC"],
            "max_results": min(PAGE, most // 2),
        }
        for run in islice(searched(transport, "runs/search", "runs", asked), most // 2):
            if run["info"]["run_id"] not in seen:
                seen.add(run["info"]["run_id"])
                yield run


def _histories(transport: Transport, runs: list[JSON], most: int) -> Iterator[tuple[str, str]]:
    """Whole histories of metrics, first those that are no finite number at their end."""
    metrics = [(run["info"]["run_id"], one) for run in runs for one in (run.get("data") or {}).get("metrics") or []]
    metrics.sort(key=lambda each: not _is_special(each[1].get("value")))
    client = MlflowClient(transport)
    for run_id, metric in metrics[:most]:
        yield f"{run_id}/{metric['key']}", str(history_digest(client, run_id, metric["key"]))


def _is_special(value: JSON) -> bool:
    return str(value).lower() in NOT_FINITE or abs(float(value or 0)) > LARGEST_FIGURE


def _models(transport: Transport, most: int) -> Iterator[JSON]:
    """Registered models without their versions, which are read on their own."""
    found = _paged(transport, "registered-models/search", "registered_models", {"max_results": SMALL_PAGE})
    for one in islice(found, most):
        yield {key: value for key, value in one.items() if key != "latest_versions"}


def _versions(transport: Transport, limits: Limits) -> Iterator[JSON]:
    found = _paged(transport, "model-versions/search", "model_versions", {"max_results": SMALL_PAGE})
    yield from islice(found, limits.versions)


def _logged_models(transport: Transport, experiments: list[str], limits: Limits) -> Iterator[JSON]:
    for start in range(0, len(experiments), SMALL_PAGE):
        asked = {"experiment_ids": experiments[start : start + SMALL_PAGE], "max_results": 50}
        yield from islice(searched(transport, "logged-models/search", "models", asked), limits.versions)


def _traces(transport: Transport, experiments: list[str], most: int) -> Iterator[JSON]:
    for start in range(0, len(experiments), SMALL_PAGE):
        query = {"experiment_ids": experiments[start : start + SMALL_PAGE], "max_results": SMALL_PAGE}
        yield from islice(_paged(transport, "traces", "traces", query), most)


def _artifact(client: MlflowClient, runs: list[JSON]) -> Iterator[tuple[str, str]]:
    """The bytes of one file, of the newest run that has one small enough."""
    for run in reversed(runs[-20:]):
        run_id = run["info"]["run_id"]
        for file in client.run_files(run_id):
            if file.size <= LARGEST_ARTIFACT:
                yield f"{run_id}/{file.path}", client.run_file_digest(run_id, file.path)
                return


def _paged(transport: Transport, path: str, key: str, query: Mapping[str, JSON]) -> Iterator[JSON]:
    """Every item of a search that is asked by GET."""
    for page in pages(lambda token: transport.get(path, **query, page_token=token)):
        yield from page.get(key) or []
