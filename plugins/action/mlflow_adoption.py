"""The controller's half of module mlflow_adoption: renders the pod's template, then hands the module the document."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

from typing import Any

from ansible_collections.mlops.tracking.plugins.plugin_utils.documents import as_documents, as_list
from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction


class ActionModule(ModuleAction):
    """Runs on the controller for `mlops.tracking.mlflow_adoption`."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Renders and passes on; check mode and diff go through to the module."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        arguments = dict(self._task.args)
        template = as_list("template", arguments.pop("template", None))
        arguments["documents"] = as_documents(self, template, [], variables)
        result.update(self.run_module("mlflow_adoption", arguments, variables))
        return result
