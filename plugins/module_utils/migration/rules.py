"""What PostgreSQL refuses, as conditions in SQLite's SQL that hold for the rows it would refuse.

A rule says twice when it is broken: `flaw` for one row, exactly; and `suspicion` as an aggregate over many rows that is
cheap, and not 0 or NULL if any of them may break it. Rules that only look into texts share one look at all of them
(scan.py), so their suspicion is empty.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .catalog import Column, Constraint, Description
from .plan import Move, quoted

TEXTS = ("varchar", "text", "json")
_STORED = {
    **dict.fromkeys(("int2", "int4", "int8", "bool"), ("integer",)),
    "float8": ("real", "integer"),
    **dict.fromkeys(("varchar", "text", "date", "timestamp"), ("text",)),
    "json": ("text", "integer", "real"),
    "bytea": ("blob",),
}
_RANGES = {"int2": (-(1 << 15), (1 << 15) - 1), "int4": (-(1 << 31), (1 << 31) - 1), "bool": (0, 1)}
_LARGEST_INDEX_ROW = 2704
_INDEX_ROW_OVERHEAD = 100


@dataclass(frozen=True)
class Rule:
    """`sentence` completes "column c of table t: "."""

    columns: tuple[str, ...]
    sentence: str
    flaw: str
    suspicion: str = ""


def of_table(move: Move, wanted: Description) -> list[Rule]:
    """Those that a single row of the table can break by itself."""
    rules = [rule for column in move.columns for rule in _of_column(column)]
    rules += [rule for check in wanted.constraints_of(move.table, "c") if (rule := _of_check(check)) is not None]
    rules += _of_indexes(move, wanted)
    return rules


def _of_column(column: Column) -> Iterator[Rule]:
    name, own = quoted(column.name), (column.name,)
    stored = ", ".join(f"'{kind}'" for kind in _STORED[column.type])
    flaw = f"typeof({name}) NOT IN ({stored}, 'null')"
    yield Rule(own, f"holds what is not {_called(column)}", flaw, f"total({flaw})")
    if column.is_required:
        yield Rule(own, "is NULL, which is not allowed", f"{name} IS NULL", f"count(*) - count({name})")
    if column.type in _RANGES:
        least, most = _RANGES[column.type]
        flaw = f"typeof({name}) = 'integer' AND {name} NOT BETWEEN {least} AND {most}"
        what = "is neither 0 nor 1" if column.type == "bool" else f"is outside {least} to {most} ({_called(column)})"
        yield Rule(own, what, flaw, f"min({name}) < {least} OR max({name}) > {most}")
    if column.type in TEXTS:
        yield Rule(own, "has a NUL character", f"instr(CAST({name} AS BLOB), x'00') > 0")
        yield Rule(own, "is not UTF-8", f"not_utf8(CAST({name} AS BLOB))")
    if column.length:
        # length() of a text ends at a NUL, which is another rule's.
        flaw = f"typeof({name}) = 'text' AND length({name}) > {column.length}"
        yield Rule(own, f"is longer than {column.length} characters", flaw, f"max(length({name})) > {column.length}")
    if column.type in ("json", "date", "timestamp"):
        flaw = f"typeof({name}) = 'text' AND not_{column.type}(CAST({name} AS BLOB))"
        yield Rule(own, f"is not valid {_called(column)}", flaw, f"total({flaw})")
    if column.type == "json":
        flaw = f"typeof({name}) = 'real' AND abs({name}) > 1.7976931348623157e308"
        yield Rule(own, "is an infinity, which JSON has not", flaw, f"total({flaw})")


def _called(column: Column) -> str:
    names = {
        **{"int2": "a 16-bit integer", "int4": "a 32-bit integer", "int8": "a 64-bit integer", "bool": "a boolean"},
        **{"float8": "a number", "varchar": "text", "text": "text", "json": "JSON", "bytea": "bytes"},
    }
    return names.get(column.type, f"a {column.type}")


_IS_ONE_OF = re.compile(r"CHECK \(\(+(\w+)\)?(?:::text)? = ANY \(\(*ARRAY\[(.*?)\]\)*(?:::text\[\])?\)+")
_LITERAL = re.compile(r"'((?:[^']|'')*)'::")


def _of_check(check: Constraint) -> Rule | None:
    """A column that has to be one of some texts, which is what MLflow's checks say; others are left to PostgreSQL."""
    found = _IS_ONE_OF.match(check.definition)
    if found is None:
        return None
    values = ", ".join(f"'{value}'" for value in _LITERAL.findall(found[2]))
    flaw = f"{quoted(found[1])} NOT IN ({values})"
    return Rule((found[1],), f"is none of {values} (constraint {check.name})", flaw, f"total({flaw})")


def _of_indexes(move: Move, wanted: Description) -> Iterator[Rule]:
    """An index of PostgreSQL holds no row of more than a third of a page."""
    by_name = {column.name: column for column in move.columns}
    for index in wanted.indexes:
        names = [name.strip('"') for name in index.columns]
        columns = [by_name[name] for name in names if name in by_name]
        texts = [column for column in columns if column.type in (*TEXTS, "bytea")]
        if index.table != move.table or not texts:
            continue
        if all(column.length for column in texts) and sum(column.length * 4 for column in texts) < 2600:
            continue
        size = " + ".join(f"coalesce(length(CAST({quoted(column.name)} AS BLOB)), 0)" for column in texts)
        flaw = f"({size}) > {_LARGEST_INDEX_ROW - _INDEX_ROW_OVERHEAD}"
        sentence = f"is longer than what the index {index.name} of PostgreSQL can hold"
        yield Rule(tuple(column.name for column in texts), sentence, flaw, f"total({flaw})")


def not_utf8(value: bytes | None) -> bool:
    """PostgreSQL's UTF-8 is Python's: no surrogates, nothing overlong, nothing past U+10FFFF."""
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return True
    return False


def not_json(value: bytes | None) -> bool:
    """PostgreSQL's JSON has no NaN and no infinities, which Python's has."""
    try:
        json.loads(value or b"null", parse_constant=_refuse, parse_int=len, parse_float=len)
    except (ValueError, RecursionError):
        return True
    return False


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def not_date(value: bytes | None) -> bool:
    """As SQLAlchemy writes a date: 2026-11-24."""
    return _is_not(value, re.compile(rb"\d{4}-\d\d-\d\d"), datetime.date.fromisoformat)


def not_timestamp(value: bytes | None) -> bool:
    """As SQLAlchemy writes a time: 2026-11-24 20:05:00.000000."""
    return _is_not(
        value, re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?"), datetime.datetime.fromisoformat
    )


def _is_not(value: bytes | None, form: re.Pattern[bytes], parse: Any) -> bool:
    if value is None:
        return False
    try:
        return not form.fullmatch(value) or not parse(value.decode())
    except ValueError:
        return True


FUNCTIONS = {"not_utf8": not_utf8, "not_json": not_json, "not_date": not_date, "not_timestamp": not_timestamp}
