"""Rows as PostgreSQL's binary COPY has them: what goes over the wire, and what the proof is made of.

A value has one such form whichever side it comes from: floats are their eight bytes, text its UTF-8, JSON its text as
it was written. https://www.postgresql.org/docs/current/sql-copy.html (Binary Format)
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable, Sequence
from typing import Any

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
_EPOCH = datetime.date(2000, 1, 1).toordinal()
_EPOCH_TIME = datetime.datetime(2000, 1, 1)
_MICROSECOND = datetime.timedelta(microseconds=1)

_NULL = struct.pack(">i", -1)
_KEPT_SHAPES = 20_000

Row = Sequence[Any]


class CannotEncode(Exception):
    """A value is not of its column's type."""

    def __init__(self, column: str, type_name: str, value: Any) -> None:
        super().__init__(f"column {column} is {type_name}, but a row has {type(value).__name__} there")
        self.column = column


def _text(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    raise TypeError


def _json(value: Any) -> bytes:
    """SQLite keeps a JSON text that is a bare number as a number."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, (int, float)):
        return repr(value).encode()
    raise TypeError


def _date(value: Any) -> int:
    return datetime.date.fromisoformat(_text(value).decode()).toordinal() - _EPOCH


def _timestamp(value: Any) -> int:
    return (datetime.datetime.fromisoformat(_text(value).decode()) - _EPOCH_TIME) // _MICROSECOND


_BOOLEANS = {0: False, 1: True}

# {type: (struct's letter, or "s" for bytes; how the value of SQLite becomes what struct packs)}. A text of SQLite
# arrives as bytes: it is neither decoded nor encoded on its way.
_KINDS: dict[str, tuple[str, Callable[[Any], Any] | None]] = {
    "int2": ("h", None),
    "int4": ("i", None),
    "int8": ("q", None),
    "float8": ("d", None),
    "bool": ("?", _BOOLEANS.__getitem__),
    "date": ("i", _date),
    "timestamp": ("q", _timestamp),
    "varchar": ("s", None),
    "text": ("s", None),
    "bytea": ("s", None),
    "json": ("s", _json),
}
TYPES = frozenset(_KINDS)


class Encoder:
    """Encodes rows whose columns have these (name, type)s."""

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        self.columns = list(columns)
        self._letters = [_KINDS[type_name][0] for _, type_name in columns]
        self._converters = [_KINDS[type_name][1] for _, type_name in columns]
        self._encode = self._compiled()

    def __call__(self, rows: Sequence[Row]) -> list[bytes]:
        """Each row's bytes. Raises CannotEncode."""
        try:
            return self._encode(rows)
        except (struct.error, TypeError, ValueError, KeyError, OverflowError):
            raise self._reason(rows) from None

    def _compiled(self) -> Callable[[Sequence[Row]], list[bytes]]:
        """A function made for just these columns, as dataclasses make theirs: a row costs one call of struct.

        The format that struct is given depends on the lengths of the row's texts only; each is compiled once. A row
        with a NULL in it goes another way.
        """
        places = range(len(self._letters))
        texts = [place for place in places if self._letters[place] == "s"]
        lengths = "".join(f"l{place}, " for place in texts)
        values = (f"l{i}, v{i}" if i in texts else f"{struct.calcsize('>' + self._letters[i])}, v{i}" for i in places)
        lines = [
            "def encode(rows):",
            "    out = []; add = out.append",
            "    for row in rows:",
            f"        {', '.join(f'v{i}' for i in places)}, = row",
            f"        if {' or '.join(f'v{i} is None' for i in places)}:",
            "            add(with_null(row)); continue",
            *(f"        v{i} = convert{i}(v{i})" for i in places if self._converters[i]),
            *(f"        l{i} = len(v{i})" for i in texts),
            f"        pack = packers.get(({lengths})) or packer(({lengths}))",
            f"        add(pack({len(places)}, {', '.join(values)}))",
            "    return out",
        ]
        packers: dict[tuple[int, ...], Callable[..., bytes]] = {}

        def packer(shape: tuple[int, ...]) -> Callable[..., bytes]:
            sizes = iter(shape)
            parts = (f"i{next(sizes)}s" if letter == "s" else f"i{letter}" for letter in self._letters)
            pack = struct.Struct(">h" + "".join(parts)).pack
            if len(packers) < _KEPT_SHAPES:
                packers[shape] = pack
            return pack

        space: dict[str, Any] = {"packers": packers, "packer": packer, "with_null": self._with_null}
        space.update({f"convert{i}": converter for i, converter in enumerate(self._converters)})
        exec("\n".join(lines), space)
        encode: Callable[[Sequence[Row]], list[bytes]] = space["encode"]
        return encode

    def _with_null(self, row: Row) -> bytes:
        parts = [struct.pack(">h", len(row))]
        for letter, converter, value in zip(self._letters, self._converters, row, strict=True):
            if value is None:
                parts.append(_NULL)
                continue
            made = converter(value) if converter else value
            packed = _text(made) if letter == "s" else struct.pack(">" + letter, made)
            parts += (struct.pack(">i", len(packed)), packed)
        return b"".join(parts)

    def _reason(self, rows: Sequence[Row]) -> CannotEncode:
        for row in rows:
            for (name, type_name), value in zip(self.columns, row, strict=True):
                if value is None:
                    continue
                letter, converter = _KINDS[type_name]
                try:
                    made = converter(value) if converter else value
                    struct.pack(">" + letter.replace("s", "0s"), made)
                except (struct.error, TypeError, ValueError, KeyError, OverflowError):
                    return CannotEncode(name, type_name, value)
        raise AssertionError("every value can be encoded by itself")
