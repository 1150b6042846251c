"""Runs a module inside Ansible's worker process, which saves the start of a program for each task.

A task runs in a child of ansible-playbook that is made for it and ends with it, so nothing of one module is left for
the next. ansible-core leaves the way open for this and ansible.netcommon goes it too: see `_record_module_result` in
https://github.com/ansible/ansible/blob/stable-2.19/lib/ansible/module_utils/basic.py
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils import basic
from ansible.module_utils.common.json import Direction, get_module_encoder

LIBRARIES = ("urllib3", "minio.minioadmin")  # that most modules read only when they need them
PROFILE = "legacy"  # of modules that say nothing else
MODULES = "ansible_collections.mlops.tracking.plugins.modules"


def _load_all() -> None:
    """Reads every module once, in ansible-playbook itself: its children have them then."""
    modules = [f"{MODULES}.{path.stem}" for path in (Path(__file__).parents[1] / "modules").glob("*.py")]
    for name in (*LIBRARIES, *modules):
        # What is not there is told by the module that needs it.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def is_possible(interpreter: Any) -> bool:
    """Whether it is what Ansible would do on this machine with a Python of that path, only sooner."""
    return interpreter == sys.executable and hasattr(basic, "_ANSIBLE_PROFILE")


def run(name: str, arguments: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Runs the module as a program would be run: what it printed, its status, and what else it said.

    arguments: with those that Ansible adds for itself. environment: variables of the task.
    """
    given = json.dumps(
        {"ANSIBLE_MODULE_ARGS": arguments}, cls=get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
    )
    basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = given.encode(), PROFILE
    said, told = io.StringIO(), io.StringIO()
    status = 0
    with _environment(environment), contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        try:
            importlib.import_module(f"{MODULES}.{name}").main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    return {"rc": status, "stdout": said.getvalue(), "stderr": told.getvalue()}


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in variables.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


_load_all()
