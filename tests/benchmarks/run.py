"""Measures side by side, in one run, and writes docs/benchmarks.md: make benchmark.

Needs the local cluster with its stack (make up). `fresh` makes and removes a cluster of its own.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

import apply
import drift
import fresh
import machine
import no_change

ROOT = Path(__file__).parents[2]
SUBJECTS = {"no_change": no_change, "fresh": fresh, "apply": apply, "drift": drift}


def main() -> None:
    """Runs the chosen subjects and writes what they found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", help=f"of {', '.join(SUBJECTS)}; default: all, and only then written")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default: %(default)s)")
    options = parser.parse_args()
    unknown = set(options.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no subject {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    lines = machine.describe()
    print("\n".join(lines))
    parts = [f"# Benchmarks\n\nWritten by `make benchmark` on {date.today()}.\n", *(f"- {line}" for line in lines)]
    with tempfile.TemporaryDirectory() as folder:
        for name in options.subjects or SUBJECTS:
            found = SUBJECTS[name].measure(ROOT, Path(folder), options.runs)
            print(f"\n{SUBJECTS[name].TITLE}\n{found}")
            parts.append(f"\n## {SUBJECTS[name].TITLE}\n\n{found}")
    if not options.subjects:
        (ROOT / "docs/benchmarks.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
