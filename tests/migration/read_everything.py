"""Everything that an MLflow server answers, as JSON on stdout: `python read_everything.py URL`, in MLflow's image."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from mlflow import MlflowClient
from mlflow.entities import ViewType


def experiments(client: MlflowClient) -> list[Any]:
    found = client.search_experiments(view_type=ViewType.ALL, order_by=["experiment_id"])
    return [dict(experiment) for experiment in found]


def runs(client: MlflowClient, experiment: str) -> list[Any]:
    found = client.search_runs([experiment], run_view_type=ViewType.ALL, max_results=1000, order_by=["run_id"])
    return [
        {
            "info": dict(run.info),
            "params": run.data.params,
            "tags": run.data.tags,
            "metrics": run.data.metrics,
            "inputs": run.inputs.to_dictionary() if run.inputs else None,
            "histories": histories(client, run),
        }
        for run in found
    ]


def histories(client: MlflowClient, run: Any) -> dict[str, list[Any]]:
    """All of the run with the edges, one of each of the others."""
    keys = sorted(run.data.metrics)
    chosen = keys if "edge" in keys else keys[:1]
    return {key: [dict(one) for one in client.get_metric_history(run.info.run_id, key)] for key in chosen}


def registry(client: MlflowClient) -> list[Any]:
    models = [{**dict(model), "latest_versions": None} for model in client.search_registered_models()]
    versions = [dict(version) for version in client.search_model_versions(order_by=["version_number ASC"])]
    aliased = [dict(client.get_model_version_by_alias("churn-model", alias)) for alias in ("champion", "alias-0")]
    return [models, versions, aliased]


def traces(client: MlflowClient, ids: list[str]) -> list[Any]:
    found = client.search_traces(experiment_ids=ids, max_results=100)
    return sorted((trace.to_dict() for trace in found), key=lambda trace: trace["info"]["trace_id"])


def main() -> None:
    client = MlflowClient(sys.argv[1], sys.argv[1])
    found: dict[str, Any] = {"experiments": experiments(client), "registry": registry(client)}
    ids = [experiment["experiment_id"] for experiment in found["experiments"]]
    found["runs"] = {experiment: runs(client, experiment) for experiment in ids}
    found["traces"] = traces(client, ids)
    found["models"] = [model.to_dictionary() for model in client.search_logged_models(experiment_ids=ids)]
    json.dump(found, sys.stdout, default=str, sort_keys=True)


if __name__ == "__main__":
    main()
