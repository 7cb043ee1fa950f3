# SPDX-License-Identifier: MPL-2.0

"""A server that is killed while it removes, in the background, what was taken back."""

import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import requests
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.started_worker import StartedWorker
from tests.support.stored_objects import FolderObjects
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

FILES = 90  # in the background, as there are more than 50
SHARED = range(0, FILES, 18)


def key(number: int) -> str:
    return f"lib{number}.pdb/{HELLO_ID}/lib{number}.sym"


def removals(server: StartedServer, upload: int) -> Counter[object]:
    rows = server.rows(
        f"SELECT removal FROM upload_fileupload WHERE upload_id = {int(upload)}"  # noqa: S608
    )
    return Counter(removal for (removal,) in rows)


def let_leases_end(server: StartedServer) -> None:
    """As if the two minutes had passed in which a killed process is believed to be at work."""
    query = (
        "UPDATE upload_fileupload SET removing_until = created_at WHERE removing_until IS NOT NULL"
    )
    if url := server.settings.get("DATABASE_URL"):
        with psycopg.connect(url) as postgres:
            postgres.execute(query)
    else:
        with closing(sqlite3.connect(server.data_dir / "tecken.sqlite3")) as sqlite, sqlite:
            sqlite.execute(query)


def test_what_was_begun_is_ended_and_what_others_brought_stays(
    make_server: ServerMaker,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    server = make_server(DJANGO_TASK_LEASE_SECONDS="2")
    killed: StartedServer | StartedWorker = server
    if server.s3_objects is not None:
        killed = StartedWorker(server)
        killed.start()
        request.addfinalizer(lambda: killed.stop(signal.SIGKILL))
    wrong = {key(number): hello(f"lib{number}.pdb") for number in range(FILES)}
    token = server.token("upload_symbols")
    other = server.token("upload_symbols", email="other@example.com")
    upload = server.upload(write_zip(tmp_path / "wrong.zip", wrong), token).json()["upload"]["id"]
    shared = {key(number): wrong[key(number)] for number in SHARED}
    found = server.upload(write_zip(tmp_path / "shared.zip", shared), other).json()["upload"]
    assert found["skipped_keys"] == list(shared)

    url = f"{server.url}/api/uploads/upload/{upload}"
    answer = requests.delete(url, headers={"Auth-Token": token}, timeout=60)
    assert (answer.status_code, answer.json()["pending_count"]) == (200, FILES)
    wait_until(lambda: removals(server, upload)["removing"] > 0, "it has begun")
    if isinstance(server.objects, FolderObjects):  # one by one: to S3, it is one request
        paths = [server.objects.folder / "v1" / name for name in wrong]
        wait_until(lambda: not all(path.exists() for path in paths), "the first one is gone")
    killed.stop(signal.SIGKILL)
    left = len(server.objects.versions())
    assert removals(server, upload)["removing"] > 0
    record_property("summary", f"{left} of {FILES} objects were left when it was killed")

    let_leases_end(server)
    killed.start()
    ended = {"removed": FILES - len(SHARED), "kept": len(SHARED)}
    wait_until(lambda: removals(server, upload) == ended, "all are removed")
    stays = {f"v1/{name}" for name in shared}
    assert server.objects.versions().keys() == stays
    assert {name for name, _ in server.objects.indexes()} == stays
    statuses = {
        number: requests.get(f"{server.url}/{key(number)}", timeout=60).status_code
        for number in range(0, FILES, 9)
    }
    assert statuses == {number: 200 if number in SHARED else 404 for number in statuses}
