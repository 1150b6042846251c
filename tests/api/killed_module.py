"""Runs a module of this collection in this process, and ends it by SIGKILL once the server has done its nth write.

`python killed_module.py NAME N ARGUMENTS.json`; exits as the module does when there are fewer writes than that.
"""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import sys
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.kubernetes.connection.connection import Cluster


def kill_after(writes: int) -> None:
    """The answer to the last of them never reaches the module; what other threads have under way is cut off."""
    numbers = itertools.count(1)
    send = Cluster.request

    def request(self: Cluster, method: str, path: str, **more: Any) -> Any:
        answer = send(self, method, path, **more)
        is_write = method != "GET" and "dryRun" not in (more.get("query") or {})
        if is_write and next(numbers) == writes:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    Cluster.request = request  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    name, number = sys.argv[1:3]
    del sys.argv[1:3]
    kill_after(int(number))
    importlib.import_module(f"ansible_collections.mlops.tracking.plugins.modules.{name}").main()
