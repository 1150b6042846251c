"""Action plugin of every module that has none of its own (see meta/runtime.yml): it only hands over."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

from typing import Any

from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction


class ActionModule(ModuleAction):
    """Runs the module that the task names."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check mode and diff go through to the module."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        name = self._task.action.rpartition(".")[2]
        result.update(self.run_module(name, dict(self._task.args), task_vars or {}))
        return result
