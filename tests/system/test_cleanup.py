# SPDX-License-Identifier: MPL-2.0

"""Symbols of try builds that are too old, and the command that removes them."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip


@pytest.fixture(scope="module")
def server(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server for all tests of this file, which use modules of their own."""
    server = StartedServer(tmp_path_factory.mktemp("cleaned") / "data", workers=1)
    form(server)
    server.start()
    yield server
    server.stop(signal.SIGKILL)


def key_of(module: str, debug_id: str = HELLO_ID) -> str:
    return f"{module}.pdb/{debug_id}/{module}.sym"


def upload(
    server: StartedServer, folder: Path, token: str, module: str, debug_id: str = HELLO_ID
) -> requests.Response:
    text = hello(f"{module}.pdb", debug_id)
    archive = write_zip(folder / "symbols.zip", {key_of(module, debug_id): text})
    answer = server.upload(archive, token)
    assert answer.status_code == 201, answer.text
    return answer


def is_found(server: StartedServer, module: str) -> bool:
    return server.function_in(f"{module}.pdb") is not None


def clean(server: StartedServer, *options: str) -> "subprocess.CompletedProcess[str]":
    """Remove try symbols of any age, and all but the newest build of each name."""
    return server.command(
        "cleanup",
        *options,
        DJANGO_TRY_SYMBOLS_RETENTION_DAYS="0",
        DJANGO_SYMBOLS_KEEP_LAST="1",
    )


def test_try_symbols_are_removed_from_bucket_caches_and_rows(
    server: StartedServer, tmp_path: Path
) -> None:
    token = server.token("upload_try_symbols")
    upload(server, tmp_path, token, "tried")
    assert is_found(server, "tried")

    trial = clean(server, "--dry-run")
    assert "objects of try symbols: 1 to remove" in trial.stdout.splitlines()
    assert is_found(server, "tried")

    done = clean(server)
    assert done.returncode == 0, done.stderr
    assert "objects of try symbols: 1 removed" in done.stdout.splitlines()
    assert "rows of try uploads: 1 removed" in done.stdout.splitlines()
    assert "removed 1 objects of try symbols" in done.stderr
    assert not is_found(server, "tried")
    url = f"{server.url}/try/{key_of('tried')}"
    assert requests.get(url, timeout=60).status_code == 404
    assert not [key for key in server.objects.versions() if "tried" in key]
    query = "SELECT count(*) FROM upload_fileupload WHERE key LIKE '%tried%'"
    assert server.rows(query) == [(0,)]
    assert upload(server, tmp_path, token, "tried").json()["upload"]["skipped_keys"] == []


def test_regular_symbols_stay(server: StartedServer, tmp_path: Path) -> None:
    upload(server, tmp_path, server.token("upload_symbols"), "regular")
    assert clean(server).returncode == 0
    assert is_found(server, "regular")


@EMBEDDED_ONLY
def test_a_bucket_that_is_away_does_not_keep_the_rest_from_being_cleaned(
    server: StartedServer,
) -> None:
    away = {
        "DJANGO_UPLOAD_TRY_SYMBOLS_URL": "http://127.0.0.1:9/away",
        "DJANGO_CREATE_BUCKETS": "no",
    }
    done = server.command("cleanup", **away)
    assert done.returncode == 1
    assert "objects of try symbols: away: " in done.stderr
    assert "rows of interrupted uploads and their files: 0 removed" in done.stdout


def test_of_each_name_the_newest_builds_are_kept(server: StartedServer, tmp_path: Path) -> None:
    token = server.token("upload_symbols")
    kind = "regular symbols with enough newer ones of their name"
    newer = HELLO_ID.replace(HELLO_ID[:4], "ABCD", 1)
    for debug_id in (HELLO_ID, newer):
        upload(server, tmp_path, token, "built", debug_id)
    assert is_found(server, "built")
    trial = clean(server, "--dry-run")
    assert f"{kind}: 1 to remove" in trial.stdout.splitlines()
    assert is_found(server, "built")
    done = clean(server)
    assert f"{kind}: 1 removed" in done.stdout.splitlines(), done.stderr
    assert not is_found(server, "built")
    older = key_of("built")
    assert requests.get(f"{server.url}/{older}", timeout=60).status_code == 404
    left = [key for key in server.objects.versions() if "built" in key]
    assert left == [f"v1/{key_of('built', newer)}"]
    asked = {"files": [{"key": older, "size": len(hello("built.pdb")), "md5": "0" * 32}]}
    headers = {"Auth-Token": token}
    check = requests.post(f"{server.url}/upload/check", json=asked, headers=headers, timeout=60)
    assert check.json() == {"missing": [0], "present": []}
