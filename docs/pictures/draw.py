"""Draws each dashboard from the real answers to its panels' queries: make pictures.

The Grafana that is built here has no pages to take a picture of. So each panel is asked for through Grafana's own API,
as its page would do, and drawn where the dashboard puts it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as dates
import matplotlib.pyplot as pyplot
from matplotlib.axes import Axes

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.secrets.credentials import (
    SecretReference,
    read_secret,
)
from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.tunnel.tunnel import reach
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.dashboard import panels
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.grafana import Grafana
from ansible_collections.mlops.tracking.plugins.module_utils.monitoring.transport import Transport

JSON = Any
Line = tuple[str, list[float], list[float | None]]

HERE = Path(__file__).parent
DASHBOARDS = HERE.parents[1] / "roles/monitoring/files/dashboards"
BACKGROUND, PANEL, INK, FAINT = "#111217", "#181b1f", "#d8d9da", "#44474d"
COLORS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#b877d9", "#56a64b", "#e02f44", "#8ab8ff", "#ffb357"]
STATES = {"green": "#299c46", "orange": "#ed8128", "red": "#d44a3a"}
COLUMN, LINE = 0.62, 0.36
"""Inches that one unit of a dashboard's grid is wide and high."""


def lines_of(results: JSON, legends: dict[str, str]) -> Iterator[Line]:
    """(name, times, values) of each series of a panel's answer."""
    for query, result in results.items():
        for frame in result.get("frames") or []:
            fields = frame["schema"]["fields"]
            times, *columns = frame["data"]["values"] or [[]]
            for field, column in zip(fields[1:], columns, strict=True):
                yield named(legends.get(query, ""), field), [one / 1000 for one in times], column


def named(legend: str, field: JSON) -> str:
    """A series' name by its legend, as Grafana's page makes it."""
    labels = field.get("labels") or {}
    if legend in ("", "__auto"):
        return ", ".join(labels.values()) or "value"
    for label, value in labels.items():
        legend = legend.replace("{{" + label + "}}", value)
    return re.sub(r"\{\{.*?\}\}", "", legend).strip() or "none"


def spelled(value: float | None, unit: str) -> str:
    """A number as a person reads it."""
    if value is None:
        return "-"
    if unit in ("bytes", "Bps"):
        for name in ("B", "KiB", "MiB", "GiB", "TiB"):
            if abs(value) < 1024 or name == "TiB":
                return f"{value:.3g} {name}" + ("/s" if unit == "Bps" else "")
            value /= 1024
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s":
        return f"{value / 3600:.2g} h" if value >= 3600 else f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    return f"{value:.4g}" + {"reqps": " req/s", "wps": " /s", "ops": " /s", "µs": " µs"}.get(unit, "")


def color_of(value: float | None, defaults: JSON) -> str:
    color = "green"
    for step in defaults.get("thresholds", {}).get("steps") or []:
        if step["value"] is None or (value is not None and value >= step["value"]):
            color = step["color"]
    return STATES.get(color, color)


def draw_tile(axes: Axes, panel: JSON, lines: list[Line]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    name, _, values = lines[0] if lines else ("", [], [])
    last = next((value for value in reversed(values) if value is not None), None)
    text = name if panel["options"]["textMode"] == "name" else spelled(last, defaults.get("unit", ""))
    for mapping in defaults.get("mappings") or []:
        said = mapping["options"].get(f"{last:.0f}" if last is not None else "")
        text = said["text"] if said else text
    axes.set_facecolor(color_of(last, defaults))
    axes.set(xticks=[], yticks=[])
    axes.text(
        0.5, 0.45, text, ha="center", va="center", color="white", fontsize=15 if len(text) < 9 else 9, weight="bold"
    )


def draw_lines(axes: Axes, panel: JSON, lines: list[Line]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    for number, (name, times, values) in enumerate(sorted(lines)):
        moments = [datetime.datetime.fromtimestamp(one, datetime.UTC) for one in times]
        numbers = [float("nan") if value is None else value for value in values]
        axes.plot(moments, numbers, color=COLORS[number % len(COLORS)], linewidth=1, label=name[:34])
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: spelled(value, defaults.get("unit", "")))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
    axes.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=5))
    axes.grid(color=FAINT, linewidth=0.3)
    axes.tick_params(colors=INK, labelsize=6, length=0)
    if lines:
        axes.legend(fontsize=5, ncols=3, loc="upper left", frameon=False, labelcolor=INK)


def draw(board: JSON, grafana: Grafana, seconds: int, path: Path) -> None:
    """One dashboard as a picture."""
    asked = {panel.title: panel for panel in panels(board)}
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])
    figure = pyplot.figure(figsize=(24 * COLUMN, (height + 2) * LINE), facecolor=BACKGROUND)
    figure.text(0.01, 1 - 1.1 / (height + 2), board["title"], color=INK, fontsize=14, weight="bold")
    for panel in board["panels"]:
        place = panel["gridPos"]
        bottom = 1 - (place["y"] + place["h"] + 2) / (height + 2)
        if panel["type"] == "row":
            figure.text(0.01, bottom + 0.2 / height, panel["title"], color=INK, fontsize=10)
            continue
        is_tile = panel["type"] == "stat"
        left, wide, high = place["x"] / 24, place["w"] / 24, place["h"] / (height + 2)
        room = (0.005, 0.01, 0.01, 0.28) if is_tile else (0.045, 0.052, 0.02, 0.16)
        axes = figure.add_axes((left + room[0], bottom + high * 0.1, wide - room[1], high * (0.9 - room[3])))
        axes.set_facecolor(PANEL)
        axes.set_title(panel["title"], color=INK, fontsize=8, loc="left", pad=3)
        for side in axes.spines.values():
            side.set_color(FAINT)
        legends = {target["refId"]: target.get("legendFormat", "") for target in panel["targets"]}
        lines = list(lines_of(grafana.frames(asked[panel["title"]], "prometheus", seconds), legends))
        (draw_tile if is_tile else draw_lines)(axes, panel, lines)
    figure.savefig(path, dpi=75, facecolor=BACKGROUND)
    pyplot.close(figure)


def main() -> None:
    """Draws every dashboard that the stack has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--context", default="kind-tracking", help="kubeconfig context (default: %(default)s)")
    parser.add_argument("--kubeconfig", help="kubeconfig (default: the user's)")
    parser.add_argument(
        "--seconds", type=int, default=1800, help="the last seconds that are drawn (default: %(default)s)"
    )
    options = parser.parse_args()
    with Cluster(options.kubeconfig, options.context) as cluster:
        admin = read_secret(cluster, SecretReference("monitoring", "grafana-admin"), ["username", "password"])
        url = "http://grafana.monitoring.svc.cluster.local:3000"
        with (
            reach(cluster, url) as reached,
            Transport(reached.url, "Grafana", user=admin["username"], password=admin["password"]) as transport,
        ):
            grafana = Grafana(transport)
            for path in sorted(DASHBOARDS.glob("*.json")):
                board = json.loads(path.read_text(encoding="utf-8"))
                if grafana.dashboard(board["uid"]) is not None:
                    draw(board, grafana, options.seconds, HERE / f"dashboard-{path.stem}.png")


if __name__ == "__main__":
    main()
