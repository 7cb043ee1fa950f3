# SPDX-License-Identifier: MPL-2.0
import json
import subprocess
import sys
from pathlib import Path

from tecken.web.data_dir import noted_server, noted_url


def test_a_server_is_known_while_it_runs(tmp_path: Path) -> None:
    assert noted_url(tmp_path) is None
    with noted_server(tmp_path, "http://localhost:8000"):
        assert noted_url(tmp_path) == "http://localhost:8000"
        with noted_server(tmp_path, "http://localhost:8001"):
            assert noted_url(tmp_path) == "http://localhost:8001"
    assert noted_url(tmp_path) is None


def test_one_that_was_killed_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    note = {"url": "http://localhost:8000", "process": ended.pid}
    (tmp_path / "server.json").write_text(json.dumps(note))
    assert noted_url(tmp_path) is None


def test_what_is_no_note_says_nothing(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", '{"url": 1, "process": "x"}'):
        (tmp_path / "server.json").write_text(text)
        assert noted_url(tmp_path) is None
