"""Measures side by side, in one run, and writes docs/benchmarks.md: make benchmark [SUBJECTS="apply many"].

`no_change` needs the local cluster with its stack (make up). The others make and remove a cluster of their own.
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
import many
import migration
import no_change
from report import Report

ROOT = Path(__file__).parents[2]
SUBJECTS = {
    "no_change": no_change,
    "fresh": fresh,
    "apply": apply,
    "many": many,
    "drift": drift,
    "migration": migration,
}


def main() -> None:
    """Runs the chosen subjects; each one's section of the page is written as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", help=f"of {', '.join(SUBJECTS)}; default: all")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default: %(default)s)")
    options = parser.parse_args()
    unknown = set(options.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no subject {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    where = f"Measured on {date.today()}: {'; '.join(machine.describe())}."
    print(where)
    report = Report(ROOT / "docs/benchmarks.md", [subject.TITLE for subject in SUBJECTS.values()])
    for name in options.subjects or SUBJECTS:
        with tempfile.TemporaryDirectory() as folder:
            found = SUBJECTS[name].measure(ROOT, Path(folder), options.runs)
        print(f"\n{SUBJECTS[name].TITLE}\n\n{found}")
        report.write(SUBJECTS[name].TITLE, f"{where}\n\n{found}")


if __name__ == "__main__":
    main()
