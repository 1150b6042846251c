"""The controller's half of module mlflow_migration: says which ansible-playbook is at it."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

import os
from typing import Any

from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction


class ActionModule(ModuleAction):
    """Runs on the controller for `mlops.tracking.mlflow_migration`."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Plugins run in children of ansible-playbook, and its id is what the journal keeps."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = {"process": os.getppid(), **self._task.args}
        result.update(self.run_module("mlflow_migration", arguments, task_vars or {}))
        return result
