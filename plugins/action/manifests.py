"""The controller's half of module manifests: renders the templates, then hands the module one string of documents."""

# Apache-2.0 (see LICENSE)
from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.mlops.tracking.plugins.plugin_utils.documents import as_documents, as_list
from ansible_collections.mlops.tracking.plugins.plugin_utils.module_action import ModuleAction


class ActionModule(ModuleAction):
    """Runs on the controller for `mlops.tracking.manifests`."""

    def arguments(self, variables: dict[str, Any]) -> dict[str, Any]:
        """The task's, with the objects as one string of documents."""
        arguments = super().arguments(variables)
        templates = as_list("templates", arguments.pop("templates", None))
        definitions = as_list("definitions", arguments.pop("definitions", None))
        is_recorded = arguments.get("state") == "absent" and arguments.get("inventory")
        if not templates and not definitions and not is_recorded:
            raise AnsibleActionFail("Set templates, definitions or both: there is nothing to apply")
        # A drift check waits for nothing and deletes nothing; the call that applied the set has been looked at.
        if not boolean(arguments.get("drift", False)) or arguments.get("state", "present") == "present":
            # One string that is no_log as a whole: with a secret in one of many values, -vvv would show the others.
            arguments["documents"] = as_documents(self, templates, definitions, variables)
        return arguments
