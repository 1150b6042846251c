"""Action plugin of every module that has none of its own (see meta/runtime.yml): it only hands over."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction


class ActionModule(ModuleAction):
    """Runs the module that the task names."""
