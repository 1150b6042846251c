"""What a schema of PostgreSQL is made of, read from its catalog: tables, columns, constraints, indexes, sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass(frozen=True)
class Column:
    """`type` is the catalog's own name (int4, varchar, ...); length is that of varchar, 0 where there is none.

    sequence is the name of the sequence that gives the column its numbers, without its schema.
    """

    name: str
    type: str
    length: int
    is_required: bool
    is_generated: bool
    default: str
    sequence: str


@dataclass(frozen=True)
class Constraint:
    """kind: p(rimary key), u(nique), f(oreign key), c(heck), n(ot null), x (exclusion)."""

    table: str
    name: str
    kind: str
    definition: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """Without those that a constraint makes by itself: `constraint` names it."""

    table: str
    name: str
    definition: str
    is_unique: bool
    columns: tuple[str, ...]
    constraint: str


@dataclass(frozen=True)
class Description:
    """A whole schema; two that were made alike are equal, whatever the schemas are called."""

    tables: dict[str, tuple[Column, ...]]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]
    sequences: tuple[tuple[str, str], ...]

    def counts(self) -> dict[str, int]:
        """How many there are of each."""
        columns = sum(map(len, self.tables.values()))
        return {
            "tables": len(self.tables),
            "columns": columns,
            "constraints": len(self.constraints),
            "indexes": len(self.indexes),
            "sequences": len(self.sequences),
        }

    def key_of(self, table: str) -> tuple[str, ...]:
        """The columns of the primary key."""
        return next((each.columns for each in self.constraints if (each.table, each.kind) == (table, "p")), ())

    def ids_of(self, table: str) -> tuple[str, ...]:
        """The columns that say what a row belongs to, and which it is where one column says that."""
        parents = [name for each in self.constraints_of(table, "f") for name in each.columns]
        key = self.key_of(table)
        return tuple(dict.fromkeys([*parents, *(key if len(key) == 1 else ())]))

    def constraints_of(self, table: str, kind: str) -> list[Constraint]:
        return [each for each in self.constraints if each.table == table and each.kind == kind]


_COLUMNS = """
SELECT c.relname, a.attname, t.typname, CASE WHEN t.typname = 'varchar' THEN greatest(a.atttypmod - 4, 0) ELSE 0 END,
       a.attnotnull, a.attgenerated <> '', coalesce(pg_get_expr(d.adbin, d.adrelid), '') || a.attidentity::text,
       coalesce((SELECT s.relname FROM pg_depend x JOIN pg_class s ON s.oid = x.objid AND s.relkind = 'S'
                 WHERE x.refobjid = c.oid AND x.refobjsubid = a.attnum AND x.deptype IN ('a', 'i') LIMIT 1), '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum
"""
_CONSTRAINTS = """
SELECT c.relname, x.conname, x.contype::text, pg_get_constraintdef(x.oid),
       ARRAY(SELECT a.attname::text FROM unnest(x.conkey) WITH ORDINALITY k(n, place)
             JOIN pg_attribute a ON a.attrelid = x.conrelid AND a.attnum = k.n ORDER BY k.place),
       coalesce(p.relname, ''),
       ARRAY(SELECT a.attname::text FROM unnest(x.confkey) WITH ORDINALITY k(n, place)
             JOIN pg_attribute a ON a.attrelid = x.confrelid AND a.attnum = k.n ORDER BY k.place)
FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid LEFT JOIN pg_class p ON p.oid = x.confrelid
WHERE x.connamespace = %s::regnamespace AND x.convalidated ORDER BY c.relname, x.contype, x.conname
"""
_INDEXES = """
SELECT c.relname, i.relname, pg_get_indexdef(i.oid), x.indisunique,
       ARRAY(SELECT pg_get_indexdef(i.oid, n, false) FROM generate_series(1, x.indnkeyatts) n),
       coalesce((SELECT k.conname FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')), '')
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relnamespace = %s::regnamespace AND x.indisvalid ORDER BY c.relname, i.relname
"""
_SEQUENCES = """
SELECT c.relname, format('%%s from %%s by %%s, %%s to %%s, cycles: %%s', format_type(s.seqtypid, NULL), s.seqstart,
                         s.seqincrement, s.seqmin, s.seqmax, s.seqcycle)
FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.relnamespace = %s::regnamespace ORDER BY c.relname
"""


def describe(connection: psycopg.Connection[Any], schema: str) -> Description:
    """The schema as the connection's transaction sees it."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        return [
            tuple(_plain(value, schema) for value in row)
            for row in connection.execute(query.encode(), [_quoted(schema)])
        ]

    tables: dict[str, tuple[Column, ...]] = {}
    for table, *column in rows(_COLUMNS):
        tables[table] = (*tables.get(table, ()), Column(*column))
    return Description(
        tables=tables,
        constraints=tuple(Constraint(*row) for row in rows(_CONSTRAINTS)),
        indexes=tuple(Index(*row) for row in rows(_INDEXES)),
        sequences=tuple((name, definition) for name, definition in rows(_SEQUENCES)),
    )


def differences(found: Description, wanted: Description) -> list[str]:
    """One line for each thing of the two that the other has not; nothing where they are equal."""
    here, there = _things(found), _things(wanted)
    return [f"missing: {thing}" for thing in sorted(there - here)] + [
        f"extra: {thing}" for thing in sorted(here - there)
    ]


def _things(description: Description) -> set[str]:
    columns = {f"table {table} {column}" for table, those in description.tables.items() for column in those}
    rest = (*description.constraints, *description.indexes, *description.sequences)
    return columns | {str(each) for each in rest}


def _plain(value: Any, schema: str) -> Any:
    """Without the schema's name, in which two that were made alike differ."""
    if isinstance(value, list):
        return tuple(_plain(each, schema) for each in value)
    if isinstance(value, str):
        return value.replace(f"{_quoted(schema)}.", "")
    return value


def _quoted(name: str) -> str:
    return name if name.isidentifier() and name == name.lower() else '"' + name.replace('"', '""') + '"'
