"""The controller's half of module mlflow_migration: says which ansible-playbook is at it."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Runs on the controller for `mlops.tracking.mlflow_migration`."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Plugins run in children of ansible-playbook, and its id is what the journal keeps."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = {"process": os.getppid(), **self._task.args}
        result.update(
            self._execute_module(
                module_name="mlops.tracking.mlflow_migration", module_args=arguments, task_vars=task_vars or {}
            )
        )
        return result
