"""The controller's half of module mlflow_adoption: renders the pod's template, then hands the module the document."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

from typing import Any

from ansible_collections.mlops.tracking.plugins.plugin_utils.documents import as_documents, as_list
from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction


class ActionModule(ModuleAction):
    """Runs on the controller for `mlops.tracking.mlflow_adoption`."""

    def arguments(self, variables: dict[str, Any]) -> dict[str, Any]:
        """The task's, with the pod as a document."""
        arguments = super().arguments(variables)
        template = as_list("template", arguments.pop("template", None))
        arguments["documents"] = as_documents(self, template, [], variables)
        return arguments
