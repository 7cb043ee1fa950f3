# SPDX-License-Identifier: MPL-2.0

"""``tecken derive`` beside a server: what was copied into its bucket gives symbols."""

import requests
from tests.support.native_files import DEBUG_ID, PROGRAM_FULL
from tests.support.started_server import ServerMaker

KEY = f"crash/{DEBUG_ID}/crash"
STACK = {"memoryMap": [["crash", DEBUG_ID]], "stacks": [[[0, 0x10D]]]}


def test_what_was_copied_into_a_bucket_gives_symbols(make_server: ServerMaker) -> None:
    server = make_server(DJANGO_UPLOAD_DERIVE_AT_MISS="False")
    server.objects.put(f"v1/{KEY}", PROGRAM_FULL)
    trial = server.command("derive", "--all", "--dry-run")
    assert (trial.returncode, trial.stdout.splitlines()[0]) == (0, KEY), trial.stderr
    done = server.command("derive", "--all")
    assert done.returncode == 0, done.stderr
    assert "1 native without symbols: 1 derived" in done.stdout
    answer = requests.post(f"{server.url}/symbolicate/v5", json=STACK, timeout=60).json()
    (frame,) = answer["results"][0]["stacks"][0]
    assert frame["function"] == "outer"
