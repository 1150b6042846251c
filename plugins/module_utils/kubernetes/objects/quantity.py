"""Kubernetes quantities (`1000m`, `0.5Gi`), to tell whether the server would keep two spellings as one.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/: the server writes each value in one
form of its own family, binary (`Gi`), decimal (`G`) or with an exponent (`1e9`), so that the same number in another
family is another value.
"""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+|)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


def is_same_quantity(one: object, other: object) -> bool:
    """Whether both are the same quantity of the same family. What is no quantity is not."""
    parsed = _parse(one)
    return parsed is not None and parsed == _parse(other)


def _parse(value: object) -> tuple[Decimal, str] | None:
    match = _QUANTITY.fullmatch(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    if match is None:
        return None
    number, suffix = Decimal(match["number"]), match["suffix"]
    if suffix in _BINARY:
        return number * 1024 ** _BINARY[suffix], "binary"
    if suffix in _DECIMAL:
        return number.scaleb(_DECIMAL[suffix]), "decimal"
    return number.scaleb(int(suffix[1:])), "exponent"
