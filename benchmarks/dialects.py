# SPDX-License-Identifier: MPL-2.0

"""Redirects, files and misses in the dialects of debuggers, against the same of Breakpad's layout.

``python -m benchmarks.dialects [--rounds N] [--requests N]``

One kept connection asks for the URLs in turns: what is there, and what is nowhere. From a folder the file itself is
answered, which is compared with the URL that Breakpad's redirect leads to; from S3 a redirect. All misses
are known, as nearly all that debuggers ask for are: their first is in ``benchmarks.missing``.
"""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.support import servers
from tests.support.native_files import BUILD_ID, GUID, PROGRAM, PROGRAM_DEBUG, pdb, pe
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import hello

from benchmarks.harness import describe_run
from benchmarks.kept_connection import ask_in_turns, far_settings

KEY = "hello.pdb/5A1C3F2B9D8E47606B1FA2C4D5E6F7890/hello.sym"
PDB_ID = f"{GUID.hex.upper()}2"
FOUND = {
    "debuginfod": f"/buildid/{BUILD_ID}/debuginfo",
    "symsrv, PDB": f"/xul.pdb/{PDB_ID}/xul.pdb",
    "symsrv, DLL": "/xul.dll/5CF2591C12000/xul.dll",
    "ssqp": f"/_.debug/elf-buildid-sym-{BUILD_ID}/_.debug",
    "unified": f"/unified/{PDB_ID[:2]}/{PDB_ID[2:].lower()}/debuginfo",
    "gdb": f"/gdb/{BUILD_ID[:2]}/{BUILD_ID[2:]}",
}
OTHER_ID = BUILD_ID[::-1]
MISSING = {
    "debuginfod": f"/buildid/{OTHER_ID}/debuginfo",
    "debuginfod, section": f"/buildid/{OTHER_ID}/section/.gdb_index",
    "symsrv, PDB": f"/xul.pdb/{PDB_ID[::-1]}/xul.pdb",
    "symsrv, DLL": "/xul.dll/5CF2591D12000/xul.dll",
    "symsrv, file.ptr": f"/xul.pdb/{PDB_ID[::-1]}/file.ptr",
    "ssqp": f"/_.debug/elf-buildid-sym-{OTHER_ID}/_.debug",
    "unified": f"/unified/{OTHER_ID[:2]}/{OTHER_ID[2:]}/debuginfo",
    "gdb": f"/gdb/{OTHER_ID[:2]}/{OTHER_ID[2:]}",
}


def measure(
    server: StartedServer,
    title: str,
    urls: Mapping[str, str],
    status: int,
    options: argparse.Namespace,
) -> None:
    """Ask for URLs in turns, the first of which is the baseline, and print how much longer the others take."""
    paths = dict.fromkeys(urls.values(), status)
    runs = ask_in_turns(server, paths, options.rounds, options.requests)
    baseline = runs[0]
    print(title)
    for name, run in zip(urls, runs, strict=True):
        shares = (0.1, 0.5)  # the tenth is what a busy machine does not spoil
        ratios = [
            f"{run.at(share) / baseline.at(share):.2f} x p{share * 100:.0f}" for share in shares
        ]
        ratio = f"{', '.join(ratios)}, {run.cpu_seconds / baseline.cpu_seconds:.2f} x CPU"
        print(f"  {name:20} {run.describe()}  {ratio}")


def start(server: StartedServer, folder: Path) -> None:
    """Start a server with one worker, and upload what is asked for."""
    server.begin("--workers", "1")
    archive = folder / "build.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(KEY, hello("hello.pdb", KEY.split("/")[1]))
        natives = {
            "crash": PROGRAM,
            "crash.debug": PROGRAM_DEBUG,
            "xul.pdb": pdb(),
            "xul.dll": pe(),
        }
        for name, data in natives.items():
            file.writestr(name, data)
    assert server.upload(archive, server.token("upload_symbols")).status_code == 201


def measure_both(folder: Path, options: argparse.Namespace) -> None:
    """Measure a folder and S3, and print all figures."""
    missing = {"Breakpad": f"/{KEY.replace('5A1C', '5A1D')}", **MISSING}
    with ExitStack() as opened:
        embedded = StartedServer(folder / "embedded")
        opened.callback(embedded.stop)
        start(embedded, folder)
        connection = HTTPConnection(urlsplit(embedded.url).netloc)
        connection.request("GET", f"/{KEY}")
        file = connection.getresponse().headers["Location"]
        assert file is not None
        measure(embedded, "a folder: the file", {"Breakpad's file": file, **FOUND}, 200, options)
        measure(embedded, "a folder: nothing", missing, 404, options)
        embedded.stop()
        s3 = opened.enter_context(servers.s3())
        redis = opened.enter_context(servers.redis())
        node = StartedServer(folder / "s3", far_settings(s3, s3.endpoint, redis))
        opened.callback(node.stop)
        start(node, folder)
        measure(node, "S3 and Redis: a redirect", {"Breakpad": f"/{KEY}", **FOUND}, 302, options)
        measure(node, "S3 and Redis: nothing", missing, 404, options)


def main(arguments: Sequence[str]) -> None:
    """Measure, in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description="Dialects of debuggers against Breakpad's layout.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=300, help="in each round")
    options = parser.parse_args(arguments)
    print(describe_run(hello().encode() * 20_000))
    with tempfile.TemporaryDirectory() as name:
        measure_both(Path(name), options)


if __name__ == "__main__":
    main(sys.argv[1:])
