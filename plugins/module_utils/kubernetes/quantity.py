"""Kubernetes quantities (`1000m`, `0.5Gi`), to tell whether the server would keep two spellings as one.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/: the server writes each value in one
form of its own family, binary (`Gi`) or decimal (`G`), so the same number in the other family is another value.
"""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+|)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
# Where a mapping of this name holds nothing but quantities, and single fields that are one.
_OF_QUANTITIES = frozenset({"requests", "limits", "capacity", "hard"})
_QUANTITIES = frozenset({"sizeLimit", "storage"})


def is_same(one: object, other: object) -> bool:
    """Whether both are the same quantity of the same family. What is no quantity is not."""
    parsed = _parse(one)
    return parsed is not None and parsed == _parse(other)


def is_place_of_quantities(trail: tuple[str, ...]) -> bool:
    """Whether the field at the end of a trail of names is a quantity in the built-in kinds."""
    if len(trail) < 2 or "metadata" in trail or trail[0] != "f:spec":
        return False
    return trail[-2].removeprefix("f:") in _OF_QUANTITIES or trail[-1].removeprefix("f:") in _QUANTITIES


def _parse(value: object) -> tuple[Decimal, bool] | None:
    match = _QUANTITY.fullmatch(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    if match is None:
        return None
    number, suffix = Decimal(match["number"]), match["suffix"]
    if suffix in _BINARY:
        return number * 1024 ** _BINARY[suffix], True
    if suffix in _DECIMAL:
        return number.scaleb(_DECIMAL[suffix]), False
    return number.scaleb(int(suffix[1:])), False
