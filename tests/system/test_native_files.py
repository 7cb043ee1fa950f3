# SPDX-License-Identifier: MPL-2.0

"""A program and its debug file, as a build leaves them, with a started server and real clients."""

import json
from pathlib import Path

import requests
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG
from tests.support.started_server import ServerMaker, wait_until
from tests.support.started_worker import background_of

MODULE = f"crash/{DEBUG_ID}"


def test_an_uploaded_folder_symbolicates_once_the_background_has_derived_from_it(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    server = make_server(DJANGO_UPLOAD_DERIVE_MAX_BYTES="0")
    build = tmp_path / "build"
    (build / "bin").mkdir(parents=True)
    (build / "bin" / "crash").write_bytes(PROGRAM)
    (build / "crash.debug").write_bytes(PROGRAM_DEBUG)
    (build / "README").write_text("read")
    token = server.token("upload_symbols")
    sent = server.command("upload", str(build), "--json", TECKEN_TOKEN=token)
    assert sent.returncode == 0, sent.stderr
    files = json.loads(sent.stdout)["upload"]["files"]
    assert {file["derivation"] for file in files} == {"pending"}

    def result() -> dict:
        job = {"memoryMap": [["crash", DEBUG_ID]], "stacks": [[[0, 0x10D]]]}
        answer = requests.post(f"{server.url}/symbolicate/v5", json=job, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"][0]

    def is_derived() -> bool:
        told = result()
        if told["found_modules"] == {MODULE: True}:
            return True
        assert told["module_errors"][MODULE][0]["name"] == "pending"
        return False

    with background_of(server):
        wait_until(is_derived, "the symbols are derived")
    [[frame]] = result()["stacks"]
    assert (frame["function"], frame["line"]) == ("outer", 3)
    original = requests.get(f"{server.url}/crash/{DEBUG_ID}/crash.debug", timeout=60)
    assert original.content == PROGRAM_DEBUG
