# SPDX-License-Identifier: MPL-2.0

"""Symbols of try builds that are too old, and the command that removes them."""

from pathlib import Path

import requests
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import ServerMaker, StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

KEY = f"hello.pdb/{HELLO_ID}/hello.sym"
STACK = {"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [[[0, 0x1010]]]}


def is_found(server: StartedServer) -> bool:
    answer = requests.post(f"{server.url}/symbolicate/v5", json=STACK, timeout=60).json()
    found: bool = answer["results"][0]["found_modules"][f"hello.pdb/{HELLO_ID}"]
    return found


def test_try_symbols_are_removed_from_bucket_caches_and_rows(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    server = make_server(DJANGO_TRY_SYMBOLS_RETENTION_DAYS="0")
    archive = write_zip(tmp_path / "symbols.zip", {KEY: hello()})
    token = server.token("upload_try_symbols")
    assert server.upload(archive, token).status_code == 201
    assert is_found(server)

    trial = server.command("cleanup", "--dry-run")
    assert "objects of try symbols: 1 to remove" in trial.stdout.splitlines()
    assert is_found(server)

    done = server.command("cleanup")
    assert done.returncode == 0, done.stderr
    assert "objects of try symbols: 1 removed" in done.stdout.splitlines()
    assert "rows of try uploads: 1 removed" in done.stdout.splitlines()
    assert "removed 1 objects of try symbols" in done.stderr
    assert not is_found(server)
    assert requests.get(f"{server.url}/try/{KEY}", timeout=60).status_code == 404
    assert not [key for key in server.objects.versions() if "hello" in key]
    assert server.rows("SELECT count(*) FROM upload_fileupload") == [(0,)]
    assert server.upload(archive, token).json()["upload"]["skipped_keys"] == []


def test_regular_symbols_stay(make_server: ServerMaker, tmp_path: Path) -> None:
    server = make_server(DJANGO_TRY_SYMBOLS_RETENTION_DAYS="0")
    archive = write_zip(tmp_path / "symbols.zip", {KEY: hello()})
    assert server.upload(archive, server.token("upload_symbols")).status_code == 201
    assert server.command("cleanup").returncode == 0
    assert is_found(server)


@EMBEDDED_ONLY
def test_a_bucket_that_is_away_does_not_keep_the_rest_from_being_cleaned(
    make_server: ServerMaker,
) -> None:
    server = make_server()
    away = {
        "DJANGO_UPLOAD_TRY_SYMBOLS_URL": "http://127.0.0.1:9/away",
        "DJANGO_CREATE_BUCKETS": "no",
    }
    done = server.command("cleanup", **away)
    assert done.returncode == 1
    assert "objects of try symbols: away: " in done.stderr
    assert "rows of interrupted uploads and their files: 0 removed" in done.stdout


def test_of_each_name_the_newest_builds_are_kept(make_server: ServerMaker, tmp_path: Path) -> None:
    server = make_server(DJANGO_SYMBOLS_KEEP_LAST="1")
    token = server.token("upload_symbols")
    kind = "regular symbols with enough newer ones of their name"
    newer = HELLO_ID.replace(HELLO_ID[:4], "ABCD", 1)
    for debug_id in (HELLO_ID, newer):
        key = f"hello.pdb/{debug_id}/hello.sym"
        archive = write_zip(tmp_path / f"{debug_id}.zip", {key: hello(debug_id=debug_id)})
        assert server.upload(archive, token).status_code == 201
    assert is_found(server)
    trial = server.command("cleanup", "--dry-run")
    assert f"{kind}: 1 to remove" in trial.stdout.splitlines()
    assert is_found(server)
    done = server.command("cleanup")
    assert f"{kind}: 1 removed" in done.stdout.splitlines(), done.stderr
    assert not is_found(server)
    assert requests.get(f"{server.url}/{KEY}", timeout=60).status_code == 404
    assert list(server.objects.versions()) == [f"v1/hello.pdb/{newer}/hello.sym"]
    asked = {"files": [{"key": KEY, "size": len(hello()), "md5": "0" * 32}]}
    headers = {"Auth-Token": token}
    check = requests.post(f"{server.url}/upload/check", json=asked, headers=headers, timeout=60)
    assert check.json() == {"missing": [0], "present": []}
