"""Rendering a role's templates on the controller into the one string that a module takes (see objects.parse)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template

# As in ansible.builtin.template, so that a template means the same in both.
_JINJA = {"trim_blocks": True, "lstrip_blocks": True}


def as_documents(
    action: ActionBase, templates: Iterable[str], definitions: Iterable[Any], task_vars: Mapping[str, Any]
) -> str:
    """A JSON list of sources with their text or object; templates that render to nothing are left out."""
    parts: list[dict[str, Any]] = []
    for name in templates:
        text = render(action, name, task_vars)
        if text.strip():
            parts.append({"source": f"Template {name}", "text": text})
    for number, definition in enumerate(definitions, start=1):
        parts.append({"source": f"Definition {number}", "object": definition})
    return json.dumps(parts, default=str)


def render(action: ActionBase, name: str, task_vars: Mapping[str, Any]) -> str:
    """A template's text. It is looked for as ansible.builtin.template does: first in the role's templates/."""
    try:
        path = action._find_needle("templates", name)
    except AnsibleError as error:
        raise AnsibleActionFail(f"Template {name} is not found: {error}") from error
    text = trust_as_template(action._loader.get_text_file_contents(path))
    templar = action._templar.copy_with_new_env(
        searchpath=_search_path(action, path, task_vars), available_variables=dict(task_vars)
    )
    try:
        rendered = templar.template(text, escape_backslashes=False, overrides=_JINJA)
    except AnsibleError as error:
        raise AnsibleActionFail(f"Template {name} cannot be rendered: {error}") from error
    if rendered is None:
        return ""
    return rendered if isinstance(rendered, str) else json.dumps(rendered, default=str)


def _search_path(action: ActionBase, path: str, task_vars: Mapping[str, Any]) -> list[str]:
    """Where `include` and `import` in a template look."""
    roots = [*task_vars.get("ansible_search_path", []), action._loader.get_basedir(), os.path.dirname(path)]
    return [place for root in roots for place in (os.path.join(root, "templates"), root)]


def as_list(option: str, value: Any) -> list[Any]:
    """An option's value as a list; a single string or mapping is a list of one."""
    if value is None:
        return []
    if isinstance(value, (str, Mapping)):
        return [value]
    if isinstance(value, list):
        return value
    raise AnsibleActionFail(f"Option {option} must be a list, not a {type(value).__name__}")
