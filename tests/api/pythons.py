"""The two ways a module is run: inside Ansible's worker process, or as a program."""

from __future__ import annotations

import sys
from pathlib import Path

IN_WORKER = sys.executable
# The same Python by another name: Ansible cannot know that it is the same, and starts it.
AS_PROGRAM = f"{Path(sys.executable).parent}/../bin/{Path(sys.executable).name}"
