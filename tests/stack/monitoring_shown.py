"""What Prometheus measures and Grafana shows: each waited for, as numbers come with the next scrape."""

from __future__ import annotations

from monitoring_expected import DASHBOARDS
from monitoring_servers import measure_of, prometheus, rules, wait_until

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import Panel, differing
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.grafana import Grafana, faults_of_answers
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.prometheus import Prometheus


def need_measured(cluster: Cluster, name: str) -> None:
    """The alert's measure has a value, whether it fires or not."""
    measure = measure_of(rules(cluster)[name])
    with prometheus(cluster) as transport:
        assert wait_until(f"{name} measures something", lambda: Prometheus(transport).samples(measure), 60), measure


def need_data(console: Grafana, panel: Panel) -> None:
    """Grafana answers each of the panel's queries with data."""
    wait_until(
        f"{panel} has data",
        lambda: not list(faults_of_answers(panel, console.frames(panel, "prometheus", 900))),
        60,
    )


def need_dashboard(console: Grafana, name: str) -> None:
    """Grafana has the dashboard as it is in this repository."""
    stored = console.dashboard(DASHBOARDS[name]["uid"])
    assert stored is not None
    # The address of MLflow is the cluster's.
    assert differing(DASHBOARDS[name], stored) == ["links"]
