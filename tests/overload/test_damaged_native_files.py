# SPDX-License-Identifier: MPL-2.0

"""Many damaged native files: each is taken, with the reason why there are no symbols, and nobody else notices.

``TECKEN_DAMAGED_FILES=1000`` sends so many of them.
"""

import os
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.support.damaged_files import damaged_files
from tests.support.processes import workers_of
from tests.support.started_server import ServerMaker, wait_until
from tests.support.watched_server import MIB, Watch

from tecken.core.batches import batches
from tecken.core.native.kinds import HEAD_BYTES, Kind, kind_of

FILES = int(os.environ.get("TECKEN_DAMAGED_FILES", "100"))
_IN_AN_UPLOAD = 50
_MAX_BYTES = 2200 * MIB  # that the library for PDBs may take is 1,500 of these
_SLOWEST_SECONDS = 10.0
_DERIVED_SECONDS = 600.0
_ROWS = "SELECT derivation, problem = '' FROM upload_fileupload WHERE NOT derived"


def test_each_is_taken_with_a_reason_and_others_are_answered(
    make_server: ServerMaker, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    server = make_server()
    assert server.process is not None
    token, processes = server.token("upload_symbols"), workers_of(server.process.pid)
    named: dict[str, str] = {}
    with Watch(server) as watch:
        for number, members in enumerate(batches(damaged_files(FILES, 19), _IN_AN_UPLOAD)):
            path = tmp_path / f"{number}.zip"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
                for name, data in members:
                    packed.writestr(name, data)
            answer = server.upload(path, token)
            assert answer.status_code == 201, answer.text
            upload = answer.json()["upload"]
            stored = {file["key"] for file in upload["files"] if not file["derived"]}
            assert len(stored) + len(upload["ignored_keys"]) == len(members)
            for name in upload["ignored_keys"]:
                reasons = [one for one in upload["warnings"] if one.startswith(f"{name} ")]
                # Without the mark of its kind it is like any other file of a build's folder.
                is_native = kind_of(dict(members)[name][:HEAD_BYTES]) is not Kind.OTHER
                assert len(reasons) == is_native, f"{name}: {upload['warnings']}"
                named[name] = reasons[0] if reasons else ""
        wait_until(
            lambda: "pending" not in {state for state, _ in server.rows(_ROWS)},
            "nothing is pending",
            _DERIVED_SECONDS,
        )
    states = Counter(server.rows(_ROWS))
    figures = f"{states}, {len(named)} ignored; {watch.most_bytes / MIB:.0f} MiB; slowest {max(watch.seconds):.2f} s"
    record_property("figures", figures)
    assert not states[("failed", True)], "one that failed has no reason"
    assert states[("failed", False)] > FILES / 10
    assert workers_of(server.process.pid) == processes
    assert set(watch.statuses) == {200}
    assert watch.most_bytes < _MAX_BYTES, figures
    assert max(watch.seconds) < _SLOWEST_SECONDS, figures
    assert "Traceback" not in server.log()
