"""The program that brings the database to the schema of the image, on real databases of real MLflow."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLDER = "4465047574b1"  # of MLflow 2.14
MAKE_OLDER = f"""
import sqlalchemy
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
engine = sqlalchemy.create_engine("sqlite:////mlflow/mlflow.db")
Base.metadata.create_all(engine)
with engine.begin() as connection:
    config = _get_alembic_config("sqlite:////mlflow/mlflow.db")
    config.attributes["connection"] = connection
    command.upgrade(config, "{OLDER}")
"""
ROWS = """
INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (7, 'churn', 'active');
INSERT INTO runs (run_uuid, name, status, experiment_id, lifecycle_stage) VALUES ('r1', 'hen', 'FINISHED', 7, 'active');
INSERT INTO params (key, value, run_uuid) VALUES ('epochs', '20', 'r1');
"""


@pytest.fixture(scope="module")
def older_database(image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as an older MLflow left it, with one run in it."""
    folder = tmp_path_factory.mktemp("older")
    folder.chmod(0o777)
    in_container(image, folder, "python", "-c", MAKE_OLDER)
    with contextlib.closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        connection.executescript(ROWS)
    return folder / "mlflow.db"


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """An empty folder that user 1000 may write to, as the PVC is."""
    folder = tmp_path / "mlflow"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def bring_to_head(image: str, volume: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    command = ("python", "/program/schema.py", "/mlflow/mlflow.db")
    return lambda *options: in_container(image, volume, *command, *options, check=False)


def in_container(image: str, folder: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    mounts = ["--volume", f"{folder}:/mlflow", "--volume", f"{ROOT / 'roles/mlflow/files'}:/program:ro"]
    confined = ["--read-only", "--tmpfs", "/tmp", "--user", "1000", "--cap-drop", "ALL", "--network", "none"]
    done = subprocess.run(
        ["docker", "run", "--rm", *confined, "--env", "HOME=/tmp", *mounts, image, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def put(database: Path, volume: Path) -> Path:
    copy = Path(shutil.copy(database, volume / "mlflow.db"))
    copy.chmod(0o666)
    return copy


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read(database: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


Bring = Callable[..., subprocess.CompletedProcess[str]]


def test_makes_a_database_where_there_is_none_and_then_leaves_it_alone(volume: Path, bring_to_head: Bring) -> None:
    made = bring_to_head()
    assert made.returncode == 0, made.stderr
    assert "A new database was made at revision" in made.stdout
    before = digest(volume / "mlflow.db")
    again = bring_to_head()
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    assert digest(volume / "mlflow.db") == before
    assert [path.name for path in volume.iterdir()] == ["mlflow.db"]


def test_keeps_the_old_database_and_every_row(older_database: Path, volume: Path, bring_to_head: Bring) -> None:
    database = put(older_database, volume)
    before = digest(database)
    done = bring_to_head()
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"went from revision {OLDER} to" in done.stdout
    assert read(database, "SELECT name, lifecycle_stage FROM experiments WHERE experiment_id = 7") == [
        ("churn", "active")
    ]
    assert read(database, "SELECT key, value, run_uuid FROM params") == [("epochs", "20", "r1")]
    (kept,) = volume.glob("mlflow.db.before-*")
    assert digest(kept) == before
    assert read(kept, "SELECT version_num FROM alembic_version") == [(OLDER,)]
    assert sorted(path.name for path in volume.iterdir()) == ["mlflow.db", kept.name]


def test_refuses_a_newer_database_and_writes_nothing(older_database: Path, volume: Path, bring_to_head: Bring) -> None:
    database = put(older_database, volume)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.executescript("UPDATE alembic_version SET version_num = 'from2030'")
    before = digest(database)
    done = bring_to_head()
    assert done.returncode == 1
    assert "revision from2030, which this image does not know" in done.stderr
    assert "mlflow_image" in done.stderr
    assert digest(database) == before
    assert [path.name for path in volume.iterdir()] == ["mlflow.db"]


def test_a_guard_makes_a_new_database_and_lets_its_own_pass(volume: Path, bring_to_head: Bring) -> None:
    assert "A new database was made" in bring_to_head("--guard").stdout
    assert "nothing to do" in bring_to_head("--guard").stdout


def test_a_guard_migrates_nothing(older_database: Path, volume: Path, bring_to_head: Bring) -> None:
    database = put(older_database, volume)
    before = digest(database)
    done = bring_to_head("--guard")
    assert done.returncode == 1
    assert f"at revision {OLDER}, this image wants" in done.stderr
    assert "site.yml" in done.stderr
    assert digest(database) == before


def test_refuses_a_database_that_is_not_mlflows(volume: Path, bring_to_head: Bring) -> None:
    with contextlib.closing(sqlite3.connect(volume / "mlflow.db")) as connection:
        connection.execute("CREATE TABLE other (a)")
    (volume / "mlflow.db").chmod(0o666)
    done = bring_to_head()
    assert done.returncode == 1
    assert "no revision" in done.stderr
    (volume / "mlflow.db").write_bytes(b"no database at all")
    done = bring_to_head()
    assert done.returncode == 1
    assert "is not an SQLite database" in done.stderr


def test_refuses_while_somebody_writes(older_database: Path, volume: Path, bring_to_head: Bring) -> None:
    database = put(older_database, volume)
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        done = bring_to_head()
        connection.rollback()
    assert done.returncode == 1
    assert "stop MLflow first" in done.stderr
    assert [path.name for path in volume.iterdir()] == ["mlflow.db"]


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    older_database: Path, volume: Path, bring_to_head: Bring
) -> None:
    database = put(older_database, volume)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TABLE tags")  # a migration on the way needs it
        connection.commit()
    before = digest(database)
    done = bring_to_head()
    assert done.returncode == 1
    assert "the database is as it was" in done.stderr
    assert digest(database) == before


def test_begins_anew_after_a_killed_migration(older_database: Path, volume: Path, bring_to_head: Bring) -> None:
    put(older_database, volume)
    (volume / "mlflow.db.upgrading").write_bytes(b"half a database")
    (volume / "mlflow.db.upgrading").chmod(0o666)
    done = bring_to_head()
    assert done.returncode == 0, done.stderr
    assert not (volume / "mlflow.db.upgrading").exists()
