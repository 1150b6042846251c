"""The controller's half of module job: renders the template, then hands the module one string of documents."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.mlops.tracking.plugins.plugin_utils.documents import as_documents, as_list
from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction


class ActionModule(ModuleAction):
    """Runs on the controller for `mlops.tracking.job`."""

    def arguments(self, variables: dict[str, Any]) -> dict[str, Any]:
        """The task's, with the Job as one string of documents."""
        arguments = super().arguments(variables)
        template = as_list("template", arguments.pop("template", None))
        definition = as_list("definition", arguments.pop("definition", None))
        if len(template) + len(definition) != 1:
            raise AnsibleActionFail("Set either template or definition, and one Job in it")
        arguments["documents"] = as_documents(self, template, definition, variables)
        return arguments
