# SPDX-License-Identifier: MPL-2.0

"""A local server in place of Microsoft's, with a real cabinet, and the programs that are needed."""

import gzip
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from tests.support.scripted_server import Answer, ScriptedServer

DEBUG_FILE = "qipcap64.pdb"
DEBUG_ID = "293A285ED25871934C4C44205044422E1"
KEY = f"{DEBUG_FILE}/{DEBUG_ID}/qipcap64.sym"
CABINET_PATH = f"/download/symbols/{DEBUG_FILE}/{DEBUG_ID}/qipcap64.pd_"


@dataclass
class Microsoft:
    """The server, and the real files that it has."""

    server: ScriptedServer
    real_data: Path
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """The variables that lead to it, and to the programs."""
        return {
            "DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT": "True",
            "DJANGO_MICROSOFT_DOWNLOAD_URL": f"{self.server.url}/download/symbols/",
            "DJANGO_DUMP_SYMS_PATH": str(self.dump_syms),
        }

    @property
    def known_symbols(self) -> Path:
        return self.real_data / "symbols" / f"{KEY}.gz"

    @property
    def text(self) -> bytes:
        """The symbol file that comes of the cabinet."""
        return gzip.decompress(self.known_symbols.read_bytes())

    @property
    def cabinet(self) -> bytes:
        path = self.real_data / "binaries" / DEBUG_FILE / DEBUG_ID / "qipcap64.pd_"
        return path.read_bytes()

    @cached_property
    def dump_syms(self) -> Path:
        """A program that can be started, as dump_syms is."""
        script = Path(__file__).with_name("dump_syms.py")
        return self.program(f'exec "{sys.executable}" "{script}" "{self.known_symbols}" "$@"')

    def program(self, line: str) -> Path:
        """Make a program of one line of shell."""
        path = self.folder / "program"
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
        return path

    def serve_cabinet(self) -> None:
        self.server.routes[CABINET_PATH] = Answer(body=self.cabinet)

    def asked(self) -> list[str]:
        """What it was asked for: ``GET /download/symbols/…``."""
        return [f"{received.method} {received.path}" for received in self.server.received]


def need_cabextract() -> None:
    """Skip the test without cabextract: it is a system package."""
    if not shutil.which("cabextract"):
        pytest.skip("needs cabextract: apt-get install --no-install-recommends cabextract")
