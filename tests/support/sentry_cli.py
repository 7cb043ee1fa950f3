# SPDX-License-Identifier: MPL-2.0

"""The real sentry-cli, with an empty home, and any words for an organisation and a project."""

import subprocess
import sys
from pathlib import Path

from tests.support.started_server import StartedServer

SENTRY_CLI = Path(sys.executable).parent / "sentry-cli"


def environment(server: StartedServer, token: str, home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "SENTRY_URL": server.url,
        "SENTRY_AUTH_TOKEN": token,
        "SENTRY_ORG": "any",
        "SENTRY_PROJECT": "thing",
        "SENTRY_DISABLE_UPDATE_CHECK": "1",
    }


def begin(
    server: StartedServer, token: str, folder: Path, *options: str
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [SENTRY_CLI, "debug-files", "upload", *options, folder],
        env=environment(server, token, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def upload(server: StartedServer, token: str, folder: Path, *options: str) -> tuple[int, str]:
    with begin(server, token, folder, *options) as process:
        said, _ = process.communicate(timeout=120)
    return process.returncode, said
