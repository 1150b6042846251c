#!/usr/bin/env python3
"""Builds binaries and images: `python images/build.py binary kubernetes`, `... image mlflow`, `... plan`."""

from __future__ import annotations

import sys

from builder.command_line import main

if __name__ == "__main__":
    sys.exit(main())
