"""A JMESPath expression that a person wrote in an option: refused at once where it cannot be one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.mlops.tracking.plugins.module_utils.errors import InvalidInput

JSON = Any


class Expression:
    """One parsed expression. `text` is what was written."""

    def __init__(self, option: str, text: str) -> None:
        """Raises InvalidInput naming the option."""
        try:
            import jmespath
            from jmespath.exceptions import JMESPathError
            from jmespath.functions import Functions
        except ImportError:
            why = "JMESPath needs the Python package jmespath, which is missing"
            raise InvalidInput(option, why, "Install it where the module runs: pip install jmespath") from None
        self.text = text
        try:
            self._parsed = jmespath.compile(text)
        except JMESPathError as error:
            raise InvalidInput(
                option, f"{text!r} is no JMESPath expression ({_first_line(error)})", "See https://jmespath.org"
            ) from None
        for name in _functions(self._parsed.parsed):
            if name not in Functions.FUNCTION_TABLE:
                raise InvalidInput(
                    option, f"{text!r} calls {name}(), which JMESPath does not have", "See https://jmespath.org"
                )

    @property
    def tree(self) -> Any:
        """JMESPath's syntax tree."""
        return self._parsed.parsed

    def value(self, body: JSON) -> JSON:
        """What it gives for an object; None too where a part of it does not suit what is there yet."""
        from jmespath.exceptions import JMESPathError

        try:
            return self._parsed.search(body)
        except JMESPathError:
            return None


def _functions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "function_expression":
            yield node["value"]
        for child in node.get("children", []):
            yield from _functions(child)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].partition(", for expression")[0].rstrip(":")
