"""Whether there is a terminal in which lines can be rewritten."""

from __future__ import annotations

import os
import sys

from ansible import constants

# Others write for programs, or keep what is written elsewhere, so nothing is rewritten for them.
_CALLBACKS_FOR_PEOPLE = ("debug", "default", "unixy", "yaml")

# Looked at when Ansible loads the action plugin, in its main process: its workers have no terminal any more.
_IS_TERMINAL = sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def is_live() -> bool:
    """Both outputs go to one that understands cursor movements, and to a person."""
    return _IS_TERMINAL and constants.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] in _CALLBACKS_FOR_PEOPLE
