"""Reading adopted runs through the API of the server that has them now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.far.rows import ENDED, digest_of_run
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.client import MlflowClient, searched
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.records import Run
from ansible_collections.mlops.tracking.plugins.module_utils.mlflow.transport import Transport

_PAGE = 1000
_NEWEST = 3 * _PAGE
_SHOWN = 10


def read_back(cluster: Cluster, tracking_uri: str, expected: Mapping[str, Mapping[str, str]]) -> str:
    """Every expected run is there; one that had ended has the same params and metrics. Says how many in a sentence.

    expected: {run: status and digest}. Raises TrackingError naming those that are not so.
    """
    with (
        reach(cluster, tracking_uri) as reached,
        Transport(reached.url, host_header=reached.host_header, timeout=120.0) as transport,
    ):
        found = {run.run_id: run for run in _runs(transport)} if expected else {}
        client = MlflowClient(transport)
        found |= {key: run for key in expected.keys() - found.keys() if (run := client.run(key)) is not None}
    wrong = [sentence for key, told in sorted(expected.items()) if (sentence := _differs(key, told, found.get(key)))]
    if wrong:
        raise TrackingError(
            f"MLflow does not give out {len(wrong)} of {len(expected)} adopted runs as they were",
            why="; ".join(wrong[:_SHOWN]),
            mend="Nothing of them is deleted: the claim holds the database, and docs/adoption.md says what to look at",
            runs=wrong,
        )
    return f"{len(expected):,} adopted runs are as they were through the API"


def _differs(key: str, told: Mapping[str, str], run: Run | None) -> str:
    if run is None:
        return f"run {key} is missing"
    if told["status"] in ENDED and digest_of_run(run.params, run.metrics) != told["digest"]:
        return f"run {key} has other params or metrics"
    return ""


def _runs(transport: Transport) -> Iterator[Run]:
    """The newest runs of all experiments, deleted ones too. What is older is asked for by itself."""
    asked = {"view_type": "ALL", "max_results": _PAGE}
    experiments = searched(transport, "experiments/search", "experiments", asked)
    asked = {
        "experiment_ids": [str(one["experiment_id"]) for one in experiments],
        "run_view_type": "ALL",
        "order_by": ["attributes.start_time DESC"],
        "max_results": _PAGE,
    }
    return map(Run.of, islice(searched(transport, "runs/search", "runs", asked), _NEWEST))
