"""What every action plugin of this collection has in common: it runs its module and shows how that gets on."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.mlops.tracking.plugins.module_utils.progress import VARIABLE
from ansible_collections.mlops.tracking.plugins.plugin_utils import in_worker
from ansible_collections.mlops.tracking.plugins.plugin_utils.progress.listening import OPTION, shown, wanted_view


class RunsModules(ActionBase):
    """An action plugin that runs modules of this collection."""

    TRANSFERS_FILES = False

    def run_module(self, name: str, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """The module's result. Where it runs on another machine, or secretly, nothing is shown of it before its end."""
        choice = self._templar.template(variables.get(OPTION, "auto"))
        view = wanted_view(variables, choice)
        is_open = self._connection.transport == "local" and not self._task.no_log
        environment = self._task.environment
        with shown(view if is_open else None) as path:
            try:
                if path is not None:
                    # Not an option of the module, so that it is no part of what the task was asked for.
                    self._task.environment = [*(environment or []), {VARIABLE: path}]
                return self._run(f"mlops.tracking.{name}", arguments, variables)
            finally:
                self._task.environment = environment

    def _run(self, name: str, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """In this process where the module would run on this machine anyway, else where and how Ansible runs any."""
        if not self._runs_here(variables):
            elsewhere: dict[str, Any] = self._execute_module(
                module_name=name, module_args=arguments, task_vars=variables
            )
            return elsewhere
        environment: dict[str, str] = {}
        self._compute_environment_string(environment)
        self._update_module_args(name, arguments, variables)
        ended = in_worker.run(name.rpartition(".")[2], arguments, environment)
        result: dict[str, Any] = self._parse_returned_data(ended, in_worker.PROFILE)
        return result

    def _runs_here(self, variables: dict[str, Any]) -> bool:
        """As this user and by this very Python."""
        is_local = self._connection.transport == "local" and not self._play_context.become and not self._task.async_val
        interpreter = self._templar.template(variables.get("ansible_python_interpreter"))
        return is_local and in_worker.is_possible(interpreter)


class ModuleAction(RunsModules):
    """An action plugin that hands over to the module of its name, with `arguments` made of what the task gave."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """What every task of this collection does; check mode and diff go through to the module."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        name = self._task.action.rpartition(".")[2]
        return result | self.run_module(name, self.arguments(variables), variables)

    def arguments(self, variables: dict[str, Any]) -> dict[str, Any]:
        """What the module is given."""
        return dict(self._task.args)
