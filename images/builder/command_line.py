"""The command line of the builder: what is asked for goes to standard output, how it goes to standard error."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import catalogue, debian, plan, tools
from .cache import Cache
from .errors import BuildError
from .workshop import Workshop


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; a BuildError becomes one sentence and exit status 1."""
    options = _parser().parse_args(arguments)
    try:
        workshop = Workshop(catalogue.load(), Cache(options.cache), quiet=options.quiet)
        print(_answer(options, workshop))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _answer(options: argparse.Namespace, workshop: Workshop) -> str:
    match options.command:
        case "binary":
            return str(workshop.make_binary(options.name))
        case "base":
            return workshop.make_base(options.name)
        case "image":
            return workshop.make_image(options.name)
        case "plan":
            return json.dumps(plan.make(workshop, options.images, options.node_image).as_json(), indent=1)
        case "tool":
            return str(tools.make(workshop, options.name))
        case "sources":
            return debian.source_lines(options.name).strip()
    raise AssertionError(options.command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="images/build.py", description=__doc__)
    parser.add_argument("--cache", type=Path, help="folder of built binaries (default: the user's cache folder)")
    parser.add_argument("--quiet", action="store_true", help="no progress lines (the log has them)")
    commands = parser.add_subparsers(dest="command", required=True)
    for kind, printed in (("binary", "its path"), ("base", "its reference"), ("image", "its reference")):
        command = commands.add_parser(kind, help=f"build it unless it is there, and print {printed}")
        command.add_argument("name")
    planned = commands.add_parser("plan", help="print as JSON what would be built and which images would be used")
    planned.add_argument("--images", choices=("auto", "registry", "build"), default="auto")
    planned.add_argument("--node-image", default="", help="what an existing cluster's node runs on; auto follows it")
    tool = commands.add_parser("tool", help="print the path of a tool: on PATH where its version fits, else built")
    tool.add_argument("name", choices=tools.TOOLS)
    sources = commands.add_parser("sources", help="print this machine's Debian source lines with the suite NAME")
    sources.add_argument("name")
    return parser
