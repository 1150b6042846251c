"""What all dashboards have in common: how they look, their variables, their links, and the three kinds of panels."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import common as looks
from grafana_foundation_sdk.builders import dashboard as boards
from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard

HERE = 'cluster=~"$cluster", namespace=~"$namespace"'
"""The labels by which every query keeps to what is chosen at the top."""

RATE = "$__rate_interval"
MLFLOW = "https://mlflow.invalid"
"""Role monitoring puts the address of the cluster's MLflow in its place."""

GREEN, ORANGE, RED = "green", "orange", "red"
Panels = list[Builder[dashboard.Panel]]
Query = str | tuple[str, str]
"""An expression, or one with its legend."""


def empty(uid: str, title: str, description: str) -> boards.Dashboard:
    """An empty dashboard with the variables and links that each has."""
    made = boards.Dashboard(title).uid(f"tracking-{uid}").description(description).tags(["mlops-tracking"])
    made.readonly().timezone("browser").refresh("30s").time("now-1h", "now")
    made.tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
    made.with_variable(boards.DatasourceVariable("datasource").label("Datasource").type("prometheus"))
    made.with_variable(_variable("cluster", "Cluster", "label_values(up, cluster)"))
    made.with_variable(_variable("namespace", "Namespace", 'label_values(up{cluster=~"$cluster"}, namespace)'))
    made.link(
        boards.DashboardLink("Dashboards")
        .type(dashboard.DashboardLinkType.DASHBOARDS)
        .tags(["mlops-tracking"])
        .as_dropdown(False)
        .include_vars(True)
        .keep_time(True)
    )
    made.link(
        boards.DashboardLink("MLflow")
        .type(dashboard.DashboardLinkType.LINK)
        .url(MLFLOW)
        .icon("external link")
        .target_blank(True)
    )
    return made


def row(title: str) -> boards.Row:
    """A line with a title, over the panels that follow."""
    return boards.Row(title)


def state(title: str, query: str, description: str, *, link: str = "") -> stat.Panel:
    """One tile that is green for 1 and red for 0."""
    made = _tile(title, query, description).no_value("no pod")
    made.mappings(
        [
            dashboard.ValueMap(
                options={
                    "0": dashboard.ValueMappingResult(text="DOWN", color=RED, index=0),
                    "1": dashboard.ValueMappingResult(text="up", color=GREEN, index=1),
                }
            )
        ]
    )
    made.thresholds(_steps([(None, RED), (1, GREEN)]))
    if link:
        made.links([boards.DashboardLink("Look closer").type(dashboard.DashboardLinkType.LINK).url(f"/d/{link}")])
    return made


def number(
    title: str,
    query: str,
    description: str,
    *,
    unit: str = "short",
    steps: Sequence[tuple[float | None, str]] = ((None, GREEN),),
    legend: str = "",
) -> stat.Panel:
    """One tile with the last value. `legend` shows a label's value in place of the number."""
    made = _tile(title, query, description, legend).unit(unit).thresholds(_steps(steps))
    if legend:
        made.text_mode(common.BigValueTextMode.NAME)
    return made


def series(
    title: str,
    queries: Sequence[Query],
    description: str,
    *,
    unit: str = "short",
    steps: Sequence[tuple[float | None, str]] = (),
    is_stacked: bool = False,
) -> timeseries.Panel:
    """Lines over time. `steps` are drawn as dashed lines."""
    made = timeseries.Panel().title(title).description(description).datasource(_datasource())
    made.unit(unit).min(0).height(8).span(8)
    made.fill_opacity(25 if is_stacked else 8).line_width(1).show_points(common.VisibilityMode.NEVER)
    made.legend(
        looks.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    if is_stacked:
        made.stacking(looks.StackingConfig().mode(common.StackingMode.NORMAL))
    if steps:
        made.thresholds(_steps(steps))
        made.thresholds_style(looks.GraphThresholdsStyleConfig().mode(common.GraphTresholdsStyleMode.DASHED))
    for place, query in enumerate(queries):
        expression, legend = (query, "") if isinstance(query, str) else query
        made.with_target(_query(expression, legend, "ABCDEFG"[place]))
    return made


def quantile(share: float, buckets: str) -> str:
    """A quantile of a histogram's rates; zero while there is nothing to take it of."""
    return f"(histogram_quantile({share}, sum by (le) (rate({buckets}[{RATE}]))) >= 0) or vector(0)"


def _tile(title: str, query: str, description: str, legend: str = "") -> stat.Panel:
    made = stat.Panel().title(title).description(description).datasource(_datasource()).height(4).span(3)
    made.color_mode(common.BigValueColorMode.BACKGROUND).graph_mode(common.BigValueGraphMode.NONE)
    made.reduce_options(looks.ReduceDataOptions().calcs(["lastNotNull"]))
    return made.with_target(_query(query, legend, "A"))


def _query(expression: str, legend: str, name: str) -> prometheus.Dataquery:
    made = prometheus.Dataquery().expr(expression).range().ref_id(name)
    return made.legend_format(legend or "__auto")


def _steps(steps: Sequence[tuple[float | None, str]]) -> boards.ThresholdsConfig:
    made = [dashboard.Threshold(value=value, color=color) for value, color in steps]
    return boards.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(made)


def _datasource() -> dashboard.DataSourceRef:
    return dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")


def _variable(name: str, label: str, query: str) -> boards.QueryVariable:
    made = boards.QueryVariable(name).label(label).query(query).datasource(_datasource())
    made.refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(dashboard.VariableSort.ALPHABETICAL_ASC)
    made.multi(True).include_all(True).all_value(".*")
    return made.current(dashboard.VariableOption(selected=True, text="All", value="$__all"))
