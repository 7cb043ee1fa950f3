# SPDX-License-Identifier: MPL-2.0

"""Servers, and symbols that they are sent."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.people import Kind, token_of
from tests.support.forms import Form
from tests.support.started_server import TECKEN, StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip


@contextmanager
def running(
    form: Form, folder: Path, settings: dict[str, str], *program: str | Path
) -> Iterator[StartedServer]:
    """A server in a form, with settings of its own; of another program, if one is named."""
    server = StartedServer(folder / "data", dict(settings), program or (TECKEN,))
    form(server)
    server.start("--workers", "1")
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)


def symbols(name: str) -> dict[str, str]:
    """The symbols of ``NAME.pdb``, below their key."""
    return {f"{name}.pdb/{HELLO_ID}/{name}.sym": hello(f"{name}.pdb")}


def send(
    server: StartedServer, kind: Kind, archive: Path, members: dict[str, str] | None = None
) -> int:
    """Upload ``NAME.zip``, with its members or the symbols of ``NAME.pdb``; return the number of the upload."""
    write_zip(archive, members or symbols(archive.stem))
    sent = server.upload(archive, token_of(server, kind), archive.name)
    assert sent.status_code == 201, sent.text
    number: int = sent.json()["upload"]["id"]
    return number
