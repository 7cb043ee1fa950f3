# SPDX-License-Identifier: MPL-2.0

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker
from tests.support.logged import logged_by

from tecken.env import SettingError
from tecken.web.databases import ConnectionRules, checkpoint_database, database_config

pytestmark = pytest.mark.both_forms

FILE = Path("/data/test.sqlite3")


def config(url: str, *, require_tls: bool = True) -> dict[str, Any]:
    rules = ConnectionRules(7, 60, connect_timeout=3, timeout=4, require_tls=require_tls)
    return database_config(url, rules, test_file=FILE)


def test_a_url_names_host_port_user_password_and_database() -> None:
    found = config("postgresql://tecken:p%40ss%2Fword@db.example.com:5433/symbols")
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert found["HOST"] == "db.example.com"
    assert found["PORT"] == "5433"
    assert (found["USER"], found["PASSWORD"]) == ("tecken", "p@ss/word")
    assert found["NAME"] == "symbols"


def test_both_spellings_of_the_scheme_are_one() -> None:
    assert config("postgres://h/d") == config("postgresql://h/d")


@pytest.mark.parametrize(
    ("url", "require_tls", "sslmode"),
    [
        ("postgres://h/d", True, "require"),
        ("postgres://h/d?sslmode=verify-full", True, "verify-full"),
        ("postgres://h/d?sslmode=disable", True, "disable"),
        ("postgres://h/d", False, None),
        ("postgres://h/d?sslmode=require", False, "require"),
    ],
)
def test_tls_is_required_unless_the_url_says_otherwise(
    url: str, require_tls: bool, sslmode: str | None
) -> None:
    assert config(url, require_tls=require_tls)["OPTIONS"].get("sslmode") == sslmode


def test_what_stands_behind_the_question_mark_goes_to_the_client_library() -> None:
    found = config("postgresql://u@/d?host=/run/postgresql&port=5434&application_name=a%20b")
    assert (found["HOST"], found["PORT"]) == ("/run/postgresql", "5434")
    assert found["OPTIONS"]["application_name"] == "a b"


def test_connections_are_few_checked_and_closed_when_idle() -> None:
    found = config("postgresql://h/d")
    assert found["CONN_HEALTH_CHECKS"] is True
    pool = found["OPTIONS"]["pool"]
    assert (pool["min_size"], pool["max_size"], pool["max_idle"]) == (0, 7, 60)


def test_a_machine_that_is_gone_is_noticed() -> None:
    options = config("postgresql://h/d")["OPTIONS"]
    assert (options["connect_timeout"], options["tcp_user_timeout"]) == (3, 4000)
    assert config("postgresql://h/d?connect_timeout=9")["OPTIONS"]["connect_timeout"] == "9"


def test_a_file_is_sqlite() -> None:
    found = config("sqlite:////data/file.sqlite3")
    assert found["ENGINE"] == "django.db.backends.sqlite3"
    assert found["NAME"] == "/data/file.sqlite3"
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    "url",
    [
        "postgres://user:secret@host",
        "postgres://user:secret@host/",
        "postgres://user:secret@host/a/b",
        "postgres://user:secret@host:port/name",
        "postgres://user:secret@[::1/name",
        "mysql://user:secret@host/name",
        "sqlite:",
        "sqlite:///",
        "secret",
    ],
)
def test_a_wrong_url_is_refused_and_its_password_not_shown(url: str) -> None:
    with pytest.raises(SettingError, match=r"^DATABASE_URL ") as caught:
        config(url)
    assert "secret" not in str(caught.value)


def test_a_password_with_a_slash_is_not_shown() -> None:
    rules = ConnectionRules(1, 1, connect_timeout=1, timeout=1, require_tls=False)
    with pytest.raises(SettingError, match=r"^DATABASE_URL is not a URL") as caught:
        database_config("postgresql://u:hunter2/x@host/db", rules, test_file=Path("test"))
    assert "hunter2" not in str(caught.value)


@contextmanager
def other_database(url: str) -> Iterator[None]:
    """A database called ``other``, as the settings make them."""
    found = config(url, require_tls=False)
    connections.databases["other"] = connections["default"].settings_dict | found
    try:
        yield
    finally:
        connections["other"].close()
        del connections["other"], connections.databases["other"]


@pytest.fixture
def sqlite_file(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    file = tmp_path / "other.sqlite3"
    with django_db_blocker.unblock(), other_database(f"sqlite:///{file}"):
        yield file


def fill(rows: int) -> None:
    with connections["other"].cursor() as cursor:
        cursor.execute("CREATE TABLE t (x)")
        cursor.executemany("INSERT INTO t VALUES (%s)", [(number,) for number in range(rows)])


def rows_in_a_copy(file: Path) -> int:
    copy = shutil.copy(file, file.with_suffix(".copy"))
    with closing(sqlite3.connect(copy)) as connection:
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


def wal_bytes(file: Path) -> int:
    wal = Path(f"{file}-wal")
    return wal.stat().st_size if wal.exists() else 0


def test_the_files_of_a_database_are_private_from_the_first_connection(
    sqlite_file: Path,
) -> None:
    with closing(sqlite3.connect(sqlite_file)):
        sqlite_file.chmod(0o644)
        fill(1_000)
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode) for path in sqlite_file.parent.iterdir()
        }
    assert modes == dict.fromkeys(
        ("other.sqlite3", "other.sqlite3-wal", "other.sqlite3-shm"), 0o600
    )


def test_after_a_checkpoint_a_copy_of_one_file_has_everything(
    sqlite_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # A worker that was killed: it never closed its connection.
    with closing(sqlite3.connect(sqlite_file)) as killed:
        fill(1_000)
        killed.execute("SELECT count(*) FROM t").fetchone()
        assert wal_bytes(sqlite_file) > 0
        checkpoint_database("other")
        assert wal_bytes(sqlite_file) == 0
        assert rows_in_a_copy(sqlite_file) == 1_000
    assert logged_by(caplog, "tecken.web.databases") == []


def test_a_database_that_somebody_reads_is_left_as_it_is(
    sqlite_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(10)
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM t").fetchone()
        with connections["other"].cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (10)")
        checkpoint_database("other")
        assert "not all of it is in one file" in caplog.text
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (11,)
    checkpoint_database("other")
    assert rows_in_a_copy(sqlite_file) == 11


def test_a_database_that_cannot_be_read_does_not_stop_the_end(
    sqlite_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_file.write_bytes(b"no database at all" * 100)
    checkpoint_database("other")
    assert "could not be written into one file" in caplog.text


def test_a_checkpoint_leaves_postgresql_alone(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with other_database(postgres_url):
        checkpoint_database("other")
        assert connections["other"].connection is None
    assert logged_by(caplog, "tecken.web.databases") == []
