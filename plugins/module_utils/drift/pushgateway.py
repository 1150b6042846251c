"""Metrics for a Prometheus Pushgateway: the last check's replace those of the one before."""

from __future__ import annotations

import base64
import json

from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach

JOB = "tracking-drift"
_SECONDS = 10.0


def push(cluster: Cluster, url: str, metrics: str, report: str) -> None:
    """Puts the metrics of one cluster there; a URL in the cluster is reached from outside too. Raises TrackingError."""
    import urllib3

    # A label's value may hold a slash: https://github.com/prometheus/pushgateway#url
    name = base64.urlsafe_b64encode(str(json.loads(report)["cluster"]).encode()).decode()
    with reach(cluster, url) as reached, urllib3.PoolManager(retries=urllib3.Retry(3, backoff_factor=0.5)) as pool:
        try:
            answer = pool.request(
                "PUT",
                f"{reached.url.rstrip('/')}/metrics/job/{JOB}/cluster@base64/{name}",
                body=metrics.encode(),
                headers={"Content-Type": "text/plain; version=0.0.4", "Host": reached.host_header},
                timeout=_SECONDS,
            )
        except urllib3.exceptions.HTTPError as error:
            raise _failed(url, f"{type(error).__name__}: {error}") from None
    if answer.status >= 300:
        raise _failed(url, f"{answer.status}: {answer.data.decode('utf-8', 'replace')[:500]}")


def _failed(url: str, why: str) -> TrackingError:
    return TrackingError(
        "The metrics cannot be pushed",
        where=url,
        why=why,
        mend="Correct variable drift_pushgateway_url, or leave it empty where there is no Pushgateway",
    )
