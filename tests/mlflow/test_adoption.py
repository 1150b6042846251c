"""Both ends of an adoption on real servers that are written to all the time."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from hand_made import HandMade, new_side, started
from writer import Writer

from ansible_collections.mlops.tracking.plugins.module_utils.adoption.copying import Copying, Proof
from ansible_collections.mlops.tracking.plugins.module_utils.adoption.remote import Remote
from ansible_collections.mlops.tracking.plugins.module_utils.errors import TrackingError
from ansible_collections.mlops.tracking.plugins.module_utils.progress import Progress

DATABASE = "/tmp/mlflow.db"
ORIGIN = "pod 1, emptyDir, mlflow.db"
IN_WAL_MODE = f"import sqlite3; print(sqlite3.connect('{DATABASE}').execute('PRAGMA journal_mode=WAL').fetchone())"


@pytest.fixture
def server(image: str) -> Iterator[HandMade]:
    with started(image) as made:
        yield made


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    folder = tmp_path / "claim"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def copied(old: Remote, new: Remote) -> Proof:
    """All of it up to the old server's end, which is left to the test."""
    new.ask("begin", size=old.ask("look")["size"])
    copying = Copying(old, new, DATABASE, Progress())
    copying.ahead()
    proof = copying.rest(has_wal=copying.hold(30.0))
    new.ask("place", origin=ORIGIN, mark={})
    return proof


def lost(database: Path, writer: Writer) -> list[str]:
    """What was acknowledged and is not in the database."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        runs = dict(connection.execute("SELECT run_uuid, status FROM runs"))
        params = dict(connection.execute("SELECT run_uuid, value FROM params WHERE key = 'number'"))
        metrics = dict(connection.execute("SELECT run_uuid, value FROM latest_metrics WHERE key = 'loss'"))
    missing = []
    for run, (number, done) in writer.acknowledged.items():
        held = {
            "param": params.get(run) == str(number),
            "metric": metrics.get(run) == 1 / number,
            "end": runs.get(run) == "FINISHED",
        }
        missing += [] if run in runs else [f"run {number}"]
        missing += [f"{what} of run {number}" for what in done if not held[what]]
    return missing


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_every_write_that_was_acknowledged_is_in_the_copy(
    server: HandMade, image: str, volume: Path, mode: str
) -> None:
    if mode == "wal":
        assert "wal" in server.run(IN_WAL_MODE)
    with Writer(server.url) as writer:
        writer.wait_for(60)
        with server.old_side() as old, new_side(image, volume) as new:
            proof = copied(old, new)
            time.sleep(1)  # clients go on trying
            server.kill()
    assert lost(volume / "mlflow.db", writer) == []
    assert writer.refusals > 0
    assert proof.tables["runs"]["rows"] >= 60
    assert sorted(path.name for path in volume.iterdir()) == ["adopted.json", "mlflow.db"]


def test_a_server_goes_on_where_the_adoption_is_killed_and_the_next_one_has_everything(
    server: HandMade, image: str, volume: Path
) -> None:
    with Writer(server.url) as writer:
        writer.wait_for(20)
        with server.old_side() as old, new_side(image, volume) as new:
            copied(old, new)
            old.ask("stop")
        writer.wait_for(20)  # the connection to the old pod broke, and nothing holds the server any more
        with server.old_side() as old, new_side(image, volume) as new:
            assert new.ask("look", origin=ORIGIN)["may_be_placed"]
            proof = copied(old, new)
            server.kill()
    assert proof.tables["runs"]["rows"] >= 40
    assert lost(volume / "mlflow.db", writer) == []


def test_what_is_held_stays_held_for_the_time_that_a_pod_may_take_to_end(server: HandMade) -> None:
    with Writer(server.url) as writer:
        writer.wait_for(5)
        with server.old_side() as old:
            old.ask("hold", path=DATABASE, seconds=30)
            old.ask("stop")
            old.ask("keep", seconds=6)
            before = len(writer.acknowledged)
        time.sleep(4)
        assert len(writer.acknowledged) == before
        writer.wait_for(5)


def test_a_stopped_server_takes_no_artifact(server: HandMade) -> None:
    pool = urllib3.PoolManager(timeout=2.0, retries=False)
    address = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts"
    assert pool.request("PUT", f"{address}/before.txt", body=b"before").status == 200
    with server.old_side() as old:
        seen = old.ask("look")
        assert (seen["files"], seen["can_be_stopped"]) == (1, True)
        old.ask("hold", path=DATABASE, seconds=30)
        old.ask("stop")
        with pytest.raises(urllib3.exceptions.HTTPError):
            pool.request("PUT", f"{address}/while.txt", body=b"while")
        assert [path for path, _size, _when in old.ask("list")["files"]] == ["0/run/artifacts/before.txt"]
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            if pool.request("PUT", f"{address}/after.txt", body=b"after").status == 200:
                break
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_looks_at_what_the_server_runs_on_and_writes_nothing(image: str) -> None:
    with started(image, "--backend-store-uri=sqlite:///tracking.sqlite", "--artifacts-destination=files") as made:
        before = made.run("import os; print(sorted(os.walk('/tmp')))")
        with made.old_side() as old:
            seen = old.ask("look")
        assert seen["path"] == "/tmp/tracking.sqlite"
        assert seen["artifacts"] == "/tmp/files"
        assert seen["places"] == []
        assert (seen["runs"], seen["app"], seen["is_registry_apart"]) == (0, "", False)
        assert made.run("import os; print(sorted(os.walk('/tmp')))") == before


def test_names_the_folders_of_the_pod_that_runs_keep_their_files_in(image: str) -> None:
    with started(image, "--default-artifact-root=/tmp/mlruns") as made:
        made.run("import os; os.makedirs('/tmp/mlruns/0/run'); open('/tmp/mlruns/0/run/model.pkl', 'w').write('x')")
        with made.old_side() as old:
            assert old.ask("look")["places"] == ["/tmp/mlruns/0"]


def test_a_database_that_is_anothers_is_never_replaced(image: str, volume: Path) -> None:
    database = volume / "mlflow.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.executescript("CREATE TABLE runs (run_uuid TEXT); INSERT INTO runs VALUES ('another')")
    database.chmod(0o666)
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    with new_side(image, volume) as new:
        assert not new.ask("look", origin=ORIGIN)["may_be_placed"]
        with pytest.raises(TrackingError, match="another database"):
            new.ask("place", origin=ORIGIN, mark={})
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before
