# SPDX-License-Identifier: MPL-2.0

"""Downloading a file: how it is named, how it arrives, and that it never arrives in part."""

import gzip
from pathlib import Path

import pytest
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.client.download import download, parse_wanted
from tecken.client.errors import ClientError, RefusedByServerError, ServerUnavailableError
from tecken.client.gzips import DamagedGzipError
from tecken.client.server import RetryPolicy, Server
from tecken.core.errors import InvalidNameError

TEXT = b"MODULE windows x86_64 44E4 xul.pdb\nPUBLIC 10 0 main\n" * 100
KEY = "xul.pdb/44E4/xul.sym"
GZIP = {"Content-Encoding": "gzip"}


def fetch(scripted: ScriptedServer, folder: Path, text: str = KEY, **options: bool) -> bytes:
    wanted = parse_wanted(text)
    target = folder / str(wanted.key)
    with Server(scripted.url, retry=RetryPolicy(first_wait_seconds=0)) as server:
        size = download(server, wanted, target, **options)
    content = target.read_bytes()
    assert size == len(content)
    return content


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("text", "key", "url"),
    [
        ("xul.pdb/44e4", KEY, "/xul.pdb/44E4/xul.sym"),
        ("libxul.so/AB0", "libxul.so/AB0/libxul.so.sym", "/libxul.so/AB0/libxul.so.sym"),
        ("xul.dll/5C3/xul.dl_", "xul.dll/5C3/xul.dl_", "/xul.dll/5C3/xul.dl_"),
        ("a+b c/5C3/d@~$", "a+b c/5C3/d@~$", "/a%2Bb%20c/5C3/d%40~%24"),
        ("https://h/try/a%20b/5c3/a.sym?x=1", "a b/5C3/a.sym", "https://h/try/a%20b/5c3/a.sym?x=1"),
    ],
)
def test_a_key_has_two_or_three_parts_or_is_the_end_of_a_url(text: str, key: str, url: str) -> None:
    wanted = parse_wanted(text)
    assert (str(wanted.key), wanted.url) == (key, url)


@pytest.mark.parametrize(
    "text",
    ["xul.pdb", "", "a/b/c/d", "xul.pdb/xyz", "../44E4/x.sym", "https://h/%2e%2e/44E4/x.sym"],
)
def test_what_can_be_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError):
        parse_wanted(text)


def test_a_redirect_is_followed(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.routes = {
        f"/{KEY}": Answer(302, headers={"Location": f"/_files/symbols/v1/{KEY}"}),
        f"/_files/symbols/v1/{KEY}": Answer(200, TEXT),
    }
    assert fetch(scripted, tmp_path) == TEXT


@pytest.mark.parametrize("members", [1, 3])
def test_gzip_content_encoding_is_undone(
    scripted: ScriptedServer, tmp_path: Path, members: int
) -> None:
    scripted.script = [Answer(200, gzip.compress(TEXT) * members, GZIP)]
    assert fetch(scripted, tmp_path) == TEXT * members


def test_a_file_that_is_gzip_by_itself_stays_as_it_is(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.script = [Answer(200, gzip.compress(TEXT), {"Content-Type": "application/gzip"})]
    assert gzip.decompress(fetch(scripted, tmp_path, "xul.so/44E4/xul.dbg.gz")) == TEXT


def test_an_empty_file_is_a_file(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.script = [Answer(200, b"")]
    assert fetch(scripted, tmp_path) == b""


@pytest.mark.parametrize(
    ("text", "path"), [(KEY, f"/{KEY}?try=1"), (f"{{url}}/{KEY}?a=b", f"/{KEY}?a=b&try=1")]
)
def test_try_is_asked_for_in_the_query(
    scripted: ScriptedServer, tmp_path: Path, text: str, path: str
) -> None:
    scripted.script = [Answer(200, TEXT)]
    fetch(scripted, tmp_path, text.format(url=scripted.url), try_symbols=True)
    assert scripted.received[0].path == path


def test_a_connection_that_breaks_is_made_again(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.script = [Answer(200, TEXT, cut_after=1000), Answer(503), Answer(200, TEXT)]
    assert fetch(scripted, tmp_path) == TEXT
    assert len(files(tmp_path)) == 1


def test_nothing_is_left_of_a_download_that_never_ends_well(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.script = [Answer(200, TEXT, cut_after=1000)] * 6
    with pytest.raises(ServerUnavailableError):
        fetch(scripted, tmp_path)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "damage",
    [gzip.compress(TEXT, mtime=0)[:-9], gzip.compress(TEXT, mtime=0)[:-8] + bytes(8), TEXT],
)
def test_damaged_gzip_leaves_nothing(
    scripted: ScriptedServer, tmp_path: Path, damage: bytes
) -> None:
    scripted.script = [Answer(200, damage, GZIP)]
    with pytest.raises(DamagedGzipError):
        fetch(scripted, tmp_path)
    assert files(tmp_path) == []


def test_a_failed_download_leaves_the_old_file(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.script = [Answer(200, TEXT), Answer(200, TEXT, GZIP)]
    fetch(scripted, tmp_path)
    with pytest.raises(DamagedGzipError):
        fetch(scripted, tmp_path)
    assert (tmp_path / KEY).read_bytes() == TEXT


def test_a_missing_file_is_told_with_its_key(scripted: ScriptedServer, tmp_path: Path) -> None:
    with pytest.raises(RefusedByServerError, match=f"^{KEY}: Symbol Not Found$") as missing:
        fetch(scripted, tmp_path)
    assert missing.value.status == 404


def test_an_encoding_that_was_not_asked_for_is_refused(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.script = [Answer(200, TEXT, {"Content-Encoding": "br"})]
    with pytest.raises(ClientError, match="unknown content encoding 'br'"):
        fetch(scripted, tmp_path)


def test_progress_counts_the_bytes_on_the_way(scripted: ScriptedServer, tmp_path: Path) -> None:
    body = gzip.compress(TEXT)
    scripted.script = [Answer(200, body, GZIP)]
    seen: list[tuple[int, int | None]] = []
    with Server(scripted.url) as server:
        download(
            server,
            parse_wanted(KEY),
            tmp_path / "xul.sym",
            progress=lambda done, total: seen.append((done, total)),
        )
    assert seen[-1] == (len(body), len(body))
