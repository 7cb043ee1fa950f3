# SPDX-License-Identifier: MPL-2.0

"""What the processes of a test run make once for all: databases as a first start leaves them, to be copied."""

import atexit
import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import requests
from tests.support import servers
from tests.support.started_server import StartedServer

MIGRATED = "migrated"  # the database in a copied PostgreSQL
PROVIDER_DATABASE = "local-provider.sqlite3"
_SHARED_FOLDER = "TECKEN_TEST_SHARED_FOLDER"  # set by environment.py


@dataclass(frozen=True)
class Template:
    """A data folder to be copied, and a token in its database that may upload."""

    data: Path
    token: str


@functools.cache
def sqlite_template() -> Template:
    """Return the data folder of a server."""
    return _made_once("sqlite", lambda data: _prepared(StartedServer(data)))


@functools.cache
def postgres_template() -> Template:
    """Return the data folder of a PostgreSQL; the database is called ``MIGRATED``."""
    return _made_once("postgres", _make_postgres)


def _make_postgres(data: Path) -> str:
    with servers.postgres() as server, tempfile.TemporaryDirectory() as folder:
        with psycopg.connect(servers.postgres_url(server), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {MIGRATED}".encode())
        url = servers.postgres_url(server, MIGRATED)
        token = _prepared(StartedServer(Path(folder), {"DATABASE_URL": url}))
        server.stop()
        servers.copy_folder(server.folder / "data", data)
    return token


@functools.cache
def provider_template() -> Path:
    """Return the database of a provider for development, which took two seconds to make its tables."""
    return _made_once("provider", _make_provider).data / PROVIDER_DATABASE


def _make_provider(data: Path) -> str:
    server = StartedServer(data, workers=1)
    server.begin()
    try:
        page = requests.get(f"{server.url}/oidc/authenticate/", timeout=90)
        assert "<h1>Sign in</h1>" in page.text
    finally:
        server.stop()
    return server.ready_token


def _prepared(server: StartedServer) -> str:
    server.migrate()
    return server.token("upload_symbols")


def _made_once(name: str, make: Callable[[Path], str]) -> Template:
    """Return what the first process to ask for it has made; others wait for that."""
    shared = Path(os.environ.get(_SHARED_FOLDER) or _own_folder())
    made, token = shared / name, shared / f"{name}.token"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            begun = Path(tempfile.mkdtemp(dir=shared)) / name
            begun.mkdir()
            token.write_text(make(begun))
            begun.rename(made)
    return Template(made, token.read_text())


@functools.cache
def _own_folder() -> str:
    folder = tempfile.mkdtemp(prefix="tecken-migrated-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
