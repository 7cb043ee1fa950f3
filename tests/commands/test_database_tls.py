# SPDX-License-Identifier: MPL-2.0

"""Outside Localdev a connection to PostgreSQL is encrypted, or it is not made.

The wheel's server has no TLS, so Debian's is needed for what succeeds.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support import servers
from tests.support.servers import Server
from tests.support.started_server import StartedServer

IS_ENCRYPTED = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    print(cursor.fetchone()[0])
"""


def debian_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip(
            "needs a PostgreSQL with TLS: apt-get install --no-install-recommends postgresql"
        )
    return found[-1].parent


@pytest.fixture(scope="session")
def certificate() -> Iterator[Path]:
    """A certificate of 127.0.0.1 that signs itself, its key beside it, for the server to read."""
    folder = Path(tempfile.mkdtemp(prefix="tecken-tls-"))
    path, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", path], check=True, capture_output=True)
    if os.geteuid() == 0:
        folder.chmod(0o755)
        os.chown(key, servers.NOBODY, servers.NOBODY)
    yield path
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def tls_server(certificate: Path) -> Iterator[Server]:
    key = certificate.with_name("key.pem")
    settings = ["ssl=on", f"ssl_cert_file={certificate}", f"ssl_key_file={key}"]
    with servers.postgres(debian_programs(), *settings) as server:
        yield server


NodeMaker = Callable[[str], StartedServer]


@pytest.fixture
def production(tmp_path: Path) -> NodeMaker:
    """Return a function that makes a node of a production with this database."""

    def make(database_url: str) -> StartedServer:
        settings = {
            "DJANGO_CONFIGURATION": "Prod",
            "DJANGO_SECRET_KEY": "s",
            "DJANGO_SYMBOL_URLS": tmp_path.as_uri(),
            "DJANGO_UPLOAD_DEFAULT_URL": tmp_path.as_uri(),
            "DATABASE_URL": database_url,
        }
        return StartedServer(tmp_path, settings)

    return make


def ask(node: StartedServer) -> "subprocess.CompletedProcess[str]":
    """Ask whether the node's connection is encrypted."""
    return node.command("manage", "shell", "--no-imports", "-c", IS_ENCRYPTED)


def url_of(server: Server, query: str = "") -> str:
    return servers.postgres_url(server).partition("?")[0] + query


def test_a_connection_is_encrypted_without_a_word_in_the_url(
    tls_server: Server, production: NodeMaker
) -> None:
    assert ask(production(url_of(tls_server))).stdout == "True\n"


def test_a_certificate_can_be_checked(
    tls_server: Server, certificate: Path, production: NodeMaker
) -> None:
    query = f"?sslmode=verify-full&sslrootcert={certificate}"
    assert ask(production(url_of(tls_server, query))).stdout == "True\n"


def test_a_certificate_that_cannot_be_checked_is_refused(
    tls_server: Server, tmp_path: Path, production: NodeMaker
) -> None:
    query = f"?sslmode=verify-full&sslrootcert={tmp_path}/none.pem"
    assert ask(production(url_of(tls_server, query))).returncode != 0


def test_the_url_can_say_otherwise(tls_server: Server, production: NodeMaker) -> None:
    assert ask(production(url_of(tls_server, "?sslmode=disable"))).stdout == "False\n"


def test_a_server_without_tls_is_refused(postgres_server: Server, production: NodeMaker) -> None:
    done = production(url_of(postgres_server)).command("serve", "--port", "0")
    assert done.returncode == 1
    assert "server does not support SSL, but SSL was required" in done.stderr
    assert done.stderr.count("\n") == 1
