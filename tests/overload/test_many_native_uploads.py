# SPDX-License-Identifier: MPL-2.0

"""Many small native files that come at once, each in an upload of its own: a build farm that begins to send.

``TECKEN_NATIVE_UPLOADS=1000`` sends so many of them.
"""

import os
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.native_files import BUILD_ID, PROGRAM_FULL
from tests.support.started_server import ServerMaker, wait_until
from tests.support.watched_server import MIB, Watch

UPLOADS, CLIENTS = int(os.environ.get("TECKEN_NATIVE_UPLOADS", "80")), 50
# Four processes of the server, as many of its pools, and what two of these may take.
_MAX_BYTES = 1500 * MIB
_DERIVED_SECONDS = 240.0


def archive(folder: Path, number: int) -> Path:
    """Return a zip with a program that has a build id of its own, but every tenth that of the first."""
    build_id = (number if number % 10 else 1).to_bytes(2, "big") * 10
    program = PROGRAM_FULL.replace(bytes.fromhex(BUILD_ID), build_id) + number.to_bytes(2, "big")
    path = folder / f"{number}.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("crash", program)
    return path


def test_nothing_fails_and_others_are_answered(
    make_server: ServerMaker, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    server = make_server()
    token = server.token("upload_symbols")
    archives = [archive(tmp_path, number) for number in range(1, UPLOADS + 1)]
    states = "SELECT derivation, count(*) FROM upload_fileupload WHERE kind = 'elf' GROUP BY 1"
    with Watch(server) as watch, ThreadPoolExecutor(CLIENTS) as clients:
        began = time.monotonic()
        answers = list(clients.map(lambda path: server.upload(path, token).status_code, archives))
        seconds = time.monotonic() - began
        assert Counter(answers) == {201: UPLOADS}
        wait_until(
            lambda: server.rows(states) == [("done", UPLOADS)], "all are derived", _DERIVED_SECONDS
        )
    figures = (
        f"{UPLOADS} uploads in {seconds:.0f} s; {watch.most_bytes / MIB:.0f} MiB at most; the"
        f" slowest of {len(watch.seconds)} other requests took {max(watch.seconds):.2f} s"
    )
    record_property("figures", figures)
    assert set(watch.statuses) == {200}
    assert watch.most_bytes < _MAX_BYTES, figures
    # Nobody waits for all of them, however busy the machine is.
    assert max(watch.seconds) < max(10, 0.8 * seconds), figures
    assert "Traceback" not in server.log()
