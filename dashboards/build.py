"""Writes the dashboards that role monitoring provisions: python dashboards/build.py [--check].

Each is a file of boards/; panels.py is what they have in common. The JSON is committed, as a role must need no library;
--check fails where it is not what this script writes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from boards import minio, mlflow, overview, postgresql, training
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard as Model

FOLDER = Path(__file__).resolve().parent.parent / "roles/monitoring/files/dashboards"
BOARDS = {board.__name__.rpartition(".")[2]: board.board for board in (overview, mlflow, minio, postgresql, training)}


def written(board: Dashboard) -> str:
    """The JSON of a dashboard, in one spelling."""
    return json.dumps(json.loads(JSONEncoder(sort_keys=True).encode(board.build())), indent=1, sort_keys=True) + "\n"


def unknown_to_the_schema(text: str) -> bool:
    """Whether anything is lost when Grafana's schema, as the library knows it, reads the JSON and writes it again."""
    register_default_plugins()
    again = JSONEncoder(sort_keys=True).encode(Model.from_json(json.loads(text)))
    return bool(json.loads(again) != json.loads(text))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where something differs")
    check = parser.parse_args().check
    problems = []
    for name, board in BOARDS.items():
        path, text = FOLDER / f"{name}.json", written(board())
        if unknown_to_the_schema(text):
            problems.append(f"{name}: it has fields that Grafana's schema does not know")
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            problems.append(f"{path} is not what boards/{name}.py describes: run python dashboards/build.py")
    print("\n".join(problems) or f"{len(BOARDS)} dashboards are as described", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
