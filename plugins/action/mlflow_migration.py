"""The controller's half of module mlflow_migration: says which ansible-playbook is at it."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

import os
from typing import Any

from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction


class ActionModule(ModuleAction):
    """Runs on the controller for `mlops.tracking.mlflow_migration`."""

    def arguments(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Plugins run in children of ansible-playbook, and its id is what the journal keeps."""
        return {"process": os.getppid(), **super().arguments(variables)}
