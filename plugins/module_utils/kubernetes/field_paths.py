"""The notation of fields that people read and write: `spec.template.spec.containers[mlflow].image`."""

from __future__ import annotations

import re
from collections.abc import Iterable

# structured-merge-diff, fieldpath/element.go: `[name="web"]` an item by its keys, `[="x"]` an item of a set.
_ITEM = re.compile(r"\[(?:name)?=\"(?P<name>[^\"]*)\"\]")
_BRACKETED_KEY = re.compile(r"\[(?P<key>[^\]\"=]*[./][^\]]*)\]")


def from_server(field: str) -> str:
    """A field as the API server writes it (`.spec.containers[name="web"].image`), in our notation."""
    return _ITEM.sub(r"[\g<name>]", field).replace('"', "").lstrip(".")


def is_under(path: str, parents: Iterable[str]) -> bool:
    """Whether a path is one of `parents` or lies below one; `*` is above every path."""
    flat = _flat(path)
    return any(
        parent == "*" or flat == _flat(parent) or flat.startswith((f"{_flat(parent)}.", f"{_flat(parent)}["))
        for parent in parents
    )


def _flat(path: str) -> str:
    """One spelling of keys with dots in them: the server writes `annotations.example.com/a`."""
    return _BRACKETED_KEY.sub(r".\g<key>", path)
