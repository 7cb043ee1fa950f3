# SPDX-License-Identifier: MPL-2.0

"""``tecken upload`` as a build machine runs it, with a real server that has a bad day."""

import functools
import gzip
import signal
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import ServerMaker, StartedClient, StartedServer, wait_until
from tests.support.symbol_texts import large


@functools.cache
def files() -> dict[str, str]:
    return dict(large(number, 2_000) for number in range(20))


def build(folder: Path) -> Path:
    """Put symbol files into a folder, as a build does."""
    folder.mkdir()
    for key, text in files().items():
        (folder / key.rpartition("/")[2]).write_text(text)
    return folder


def uploading(
    server: StartedServer, token: str, folder: Path, *options: str
) -> AbstractContextManager[StartedClient]:
    temporary = server.data_dir / "client"
    temporary.mkdir()
    arguments = ("upload", str(folder), *options)
    return server.client(*arguments, TECKEN_TOKEN=token, TMPDIR=str(temporary))


def texts(server: StartedServer) -> dict[str, str]:
    return {
        key.removeprefix("v1/"): gzip.decompress(server.objects.read(key)).decode()
        for key in server.objects.versions()
    }


def test_an_upload_goes_on_when_the_server_is_killed_and_comes_back(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    # One file after the other, so that many are still to come when the server is killed.
    server = make_server(DJANGO_UPLOAD_FILE_UPLOAD_MAX_WORKERS="1")
    port = str(urlsplit(server.url).port)
    token = server.token("upload_symbols")
    with uploading(server, token, build(tmp_path / "symbols"), "--retries", "20") as client:
        wait_until(lambda: len(server.objects.versions()) >= 3, "three files were stored")
        server.stop(signal.SIGKILL)
        server.start("--port", port)
        status, printed, told = client.end()
    assert status == 0, told
    assert "trying again in 1 s" in told
    lines = printed.splitlines()
    skipped = [line for line in lines if line.startswith("  skipped ")]
    stored = [line for line in lines if line.startswith("  stored ")]
    assert len(skipped) >= 3
    assert len(skipped) + len(stored) == len(files())
    assert texts(server) == files()


@EMBEDDED_ONLY
def test_a_large_set_goes_in_several_requests_and_again_is_skipped(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    server = make_server()
    token = server.token("upload_symbols")
    folder = str(build(tmp_path / "symbols"))
    arguments = ("upload", folder, "--max-request-bytes", "250_000", "--quiet")
    first = server.command(*arguments, TECKEN_TOKEN=token)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("Uploaded symbols") > 2
    again = server.command(*arguments, TECKEN_TOKEN=token)
    assert again.returncode == 0
    assert ", 0 skipped" not in again.stdout
    assert texts(server) == files()


@EMBEDDED_ONLY
def test_an_interrupted_client_leaves_no_temporary_file(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    server = make_server(DJANGO_UPLOAD_FILE_UPLOAD_MAX_WORKERS="1")  # or it may be too late
    token = server.token("upload_symbols")
    with uploading(server, token, build(tmp_path / "symbols")) as client:
        wait_until(lambda: server.objects.versions() != {}, "a file was stored")
        client.process.send_signal(signal.SIGINT)
        status, _, told = client.end()
    assert status == 1
    assert told.splitlines()[-1] == "Aborted!"
    assert list((server.data_dir / "client").iterdir()) == []
