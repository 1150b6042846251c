"""The program at the other end: it starts anywhere, and what it says of a database is what the API says."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import random
import sqlite3
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from process_pipe import ProcessPipe

from ansible_collections.mlops.tracking.plugins.module_utils.adoption import far
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.far import blocks, rows, server
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import (
    NEW_SIDE,
    OLD_SIDE,
    Remote,
    command,
)
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.migration import digest

FILES = [*Path(far.__path__[0]).glob("*.py"), Path(str(digest.__file__))]
SEED = 11


class Channel(ProcessPipe):
    """A process of this machine, without this collection on its path."""

    complaint = ""

    def __init__(self, *arguments: str) -> None:
        words = command(sys.executable, *arguments)
        super().__init__(words[0], "-I", *words[1:])

    def close(self) -> None:
        self.process.communicate()


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_is_written_for_an_old_python(file: Path) -> None:
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("side", [OLD_SIDE, NEW_SIDE])
def test_starts_with_nothing_but_python_and_ends_with_its_input(side: str) -> None:
    channel = Channel("/nowhere")
    with Remote(channel, side, "a process"):
        assert channel.process.poll() is None
    assert channel.process.wait(10) == 3


def test_says_what_fails_at_the_other_end(tmp_path: Path) -> None:
    with (
        Remote(Channel(str(tmp_path / "mlflow.db")), NEW_SIDE, "a process") as remote,
        pytest.raises(TrackingError, match=r"program in a process failed.*unable to open|no such file|FileNotFound"),
    ):
        remote.ask("place", origin="pod 1", mark={})


def test_sends_only_what_the_other_end_has_not() -> None:
    seeded = random.Random(SEED)
    old = seeded.randbytes(5 * blocks.SIZE + 100)
    new = bytearray(old)
    new[2 * blocks.SIZE] ^= 1
    new += b"more"
    whole = hashlib.sha256()
    sent = dict(blocks.differing(io.BytesIO(bytes(new)), blocks.digests(io.BytesIO(old)), whole))
    assert sorted(sent) == [2, 5]
    assert whole.hexdigest() == hashlib.sha256(new).hexdigest()
    for number, block in sent.items():
        assert block == new[number * blocks.SIZE : (number + 1) * blocks.SIZE]


def made(path: Path, *statements: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.text_factory = bytes
    return connection


RUN_TABLES = (
    "CREATE TABLE runs (run_uuid TEXT, status TEXT, start_time INTEGER)",
    "CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT)",
    "CREATE TABLE latest_metrics (key TEXT, value REAL, is_nan BOOLEAN, run_uuid TEXT)",
)


def test_a_digest_knows_each_value_and_not_the_order_of_the_rows(tmp_path: Path) -> None:
    table = "CREATE TABLE params (key TEXT, value)"
    pairs = [("a", 1), ("a", 1.0), ("a", "1"), ("b", None), ("b", b"\x00"), ("a", 1)]
    digests = []
    for number, given in enumerate([pairs, pairs[::-1], pairs[1:], [*pairs[:5], ("a", 2)]]):
        with contextlib.closing(made(tmp_path / str(number), table)) as connection:
            connection.executemany("INSERT INTO params VALUES (?, ?)", given)
            digests.append(rows.digests(connection)["params"])
    assert digests[0] == digests[1]
    assert digests[0]["rows"] == 6
    assert digests[2] != digests[0] != digests[3]


def test_a_run_of_the_database_has_the_digest_of_the_same_run_of_the_api(tmp_path: Path) -> None:
    with contextlib.closing(made(tmp_path / "mlflow.db", *RUN_TABLES)) as connection:
        connection.execute("INSERT INTO runs VALUES ('r', 'FINISHED', 1)")
        connection.execute("INSERT INTO params VALUES ('epochs', '20', 'r'), ('näme', 'ü', 'r')")
        connection.execute("INSERT INTO latest_metrics VALUES ('loss', 0.1, 0, 'r'), ('gap', 0, 1, 'r')")
        found = rows.runs(connection, 10)
    api = rows.digest_of_run({"näme": "ü", "epochs": "20"}, {"gap": float("nan"), "loss": 0.1})
    assert found == {"r": {"status": "FINISHED", "digest": api}}


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("sqlite:///mlflow.db", "/work/mlflow.db"),
        ("sqlite:////data/a%20b.db?timeout=20", "/data/a b.db"),
        ("sqlite+pysqlite:///./db/mlflow.db", "/work/db/mlflow.db"),
        ("sqlite://", None),
        ("postgresql://u:p@db/mlflow", None),
        ("./mlruns", None),
    ],
)
def test_knows_the_file_that_an_address_names(uri: str, path: str | None) -> None:
    assert server.sqlite_path(uri, "/work") == path


def test_tells_no_password_of_an_address() -> None:
    environment = {server.BACKEND: "postgresql://user:s3cret@db:5432/mlflow?password=s3cret"}
    told = server.Server((7,), environment, "/", ()).told()
    assert told["backend"] == "postgresql://db:5432/mlflow"
    assert "s3cret" not in str(told)


def put(remote: Remote, content: bytes) -> dict[str, Any]:
    """A whole copy of `content`, proved."""
    remote.ask("begin", size=len(content))
    for number in range(0, len(content), blocks.SIZE):
        block = zlib.compress(content[number : number + blocks.SIZE])
        remote.tell("block", block, part="database", block=number // blocks.SIZE)
    digest_of_all = hashlib.sha256(content).hexdigest()
    assert remote.ask("end", part="database", size=len(content), sha256=digest_of_all)["is_equal"]
    proved: dict[str, Any] = remote.ask("prove")
    return proved


def test_an_older_copy_of_the_same_database_is_replaced_until_somebody_has_written_to_it(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    contents = []
    for number in range(3):
        with contextlib.closing(made(tmp_path / f"source-{number}", *RUN_TABLES)) as connection:
            connection.execute(f"INSERT INTO runs VALUES ('run-{number}', 'FINISHED', 1)")
        contents.append((tmp_path / f"source-{number}").read_bytes())
    with Remote(Channel(str(database)), NEW_SIDE, "a process") as remote:
        for content in contents[:2]:
            assert put(remote, content)["integrity"] == ["ok"]
            remote.ask("place", origin="pod 1", mark={})
        with contextlib.closing(sqlite3.connect(database)) as connection:
            assert connection.execute("SELECT run_uuid FROM runs").fetchall() == [("run-1",)]
            put(remote, contents[2])
            with pytest.raises(TrackingError, match="another database"):
                remote.ask("place", origin="pod 2", mark={})
            connection.execute("INSERT INTO runs VALUES ('newer', 'FINISHED', 2)")
            connection.commit()
        with pytest.raises(TrackingError, match="another database"):
            remote.ask("place", origin="pod 1", mark={})
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT run_uuid FROM runs").fetchall() == [("run-1",), ("newer",)]
