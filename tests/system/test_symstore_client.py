# SPDX-License-Identifier: MPL-2.0

"""LLDB 23 loads the PDB of a DLL out of a server, by its client of Microsoft's symbol stores."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.started_server import StartedServer
from tests.support.windows_files import windows_file

REPOSITORY = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("TECKEN_TEST_LLDB", REPOSITORY / "build" / "lldb"))
LINE_30 = "0x180001021"  # of first.cc


def debug(folder: Path, *commands: str) -> str:
    """Run commands of LLDB; return what it says."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(FOLDER)}
    options = [option for command in commands for option in ("-o", command)]
    lldb = [sys.executable, FOLDER / "bin" / "lldb", "--no-lldbinit", "--batch", *options]
    done = subprocess.run(
        lldb, env=environment, cwd=folder, capture_output=True, text=True, timeout=60
    )
    return done.stdout + done.stderr


def test_lldb_loads_the_pdb_of_a_dll(server: StartedServer, token: str, tmp_path: Path) -> None:
    if not FOLDER.is_dir():
        pytest.skip(f"{FOLDER} is missing: pip install --target {FOLDER} -r requirements/lldb.txt")
    build = tmp_path / "build"
    build.mkdir()
    for name in ("sample.dll", "sample.pdb"):
        (build / name).write_bytes(windows_file(f"x64/{name}"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "sample.dll").write_bytes(windows_file("x64/sample.dll"))
    commands = (
        "settings clear plugin.symbol-locator.debuginfod.server-urls",
        f"settings set plugin.symbol-locator.symstore.urls {server.url}/",
        "target create sample.dll",
        f"image lookup --address {LINE_30}",
    )
    assert "first.cc" not in debug(elsewhere, *commands)
    sent = server.command("upload", str(build), TECKEN_TOKEN=token)
    assert sent.returncode == 0, sent.stderr
    assert "at first.cc:30" in debug(elsewhere, *commands)
