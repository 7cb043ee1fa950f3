# SPDX-License-Identifier: MPL-2.0

"""From a zip of symbols to a readable stack, as the README walks."""

import gzip
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

KEY = f"walk.pdb/{HELLO_ID}/walk.sym"
TEXT = hello("walk.pdb")
REQUEST = {
    "memoryMap": [["walk.pdb", HELLO_ID]],
    "stacks": [[[0, 0x1014], [0, 0x1020], [0, 0x2004]]],
}


@pytest.fixture(scope="module")
def uploaded(
    server: StartedServer, token: str, tmp_path_factory: pytest.TempPathFactory
) -> StartedServer:
    """The shared server, after an upload by curl."""
    archive = write_zip(tmp_path_factory.mktemp("walk") / "symbols.zip", {KEY: TEXT})
    sent = curl(
        "-H", f"Auth-Token: {token}", "-F", f"symbols.zip=@{archive}", f"{server.url}/upload/"
    )
    assert '"key":"v1/' in sent
    return server


def curl(*arguments: str) -> str:
    """Run the real curl, which every system that builds this product has."""
    return run("curl", "--silent", "--show-error", "--max-time", "60", *arguments).decode()


def run(name: str, *arguments: str) -> bytes:
    """Run a client, and return what it wrote to standard output."""
    program = shutil.which(name)
    assert program, f"{name} is not installed: apt-get install {name}"
    return subprocess.run([program, *arguments], capture_output=True, check=True).stdout


def redirect_of(uploaded: StartedServer) -> requests.Response:
    return requests.get(f"{uploaded.url}/{KEY}", allow_redirects=False, timeout=60)


def test_a_download_is_redirected_to_the_bytes(uploaded: StartedServer) -> None:
    redirect = redirect_of(uploaded)
    assert redirect.status_code == 302
    location = urljoin(redirect.url, redirect.headers["Location"])
    assert requests.get(location, timeout=60).text == TEXT
    assert requests.head(f"{uploaded.url}/{KEY}", timeout=60).status_code == 200


def test_clients_with_and_without_gzip_get_the_same_text(uploaded: StartedServer) -> None:
    url = f"{uploaded.url}/{KEY}"
    assert curl("-L", "--compressed", url) == TEXT
    if redirect_of(uploaded).headers["Location"].startswith("/"):  # S3 only has what is stored
        assert curl("-L", url) == TEXT
    raw = requests.get(url, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=60)
    assert gzip.decompress(raw.raw.read(decode_content=False)).decode() == TEXT


def test_wget_gets_what_it_can_use(uploaded: StartedServer) -> None:
    options = ["--no-verbose", "--timeout=60", "--output-document=-"]
    got = run("wget", *options, f"{uploaded.url}/{KEY}")
    if redirect_of(uploaded).headers["Location"].startswith("/"):
        assert got.decode() == TEXT
    else:  # S3 has one form, and wget inflates nothing
        assert gzip.decompress(got).decode() == TEXT
    missing = subprocess.run(["wget", *options, f"{uploaded.url}/no-{KEY}"], check=False)  # noqa: S607
    assert missing.returncode == 8  # an answer that is an error


def test_a_range_of_the_stored_bytes_is_a_part_of_them(uploaded: StartedServer) -> None:
    redirect = redirect_of(uploaded)
    url = urljoin(redirect.url, redirect.headers["Location"])
    headers = {"Accept-Encoding": "gzip"}
    whole = requests.get(url, headers=headers, stream=True, timeout=60).raw.read(
        decode_content=False
    )
    headers["Range"] = "bytes=5-24"
    part = requests.get(url, headers=headers, stream=True, timeout=60)
    assert part.status_code == 206
    assert part.raw.read(decode_content=False) == whole[5:25]
    assert part.headers["Content-Range"] == f"bytes 5-24/{len(whole)}"


def test_three_offsets_become_functions_files_and_lines(uploaded: StartedServer) -> None:
    answer = requests.post(f"{uploaded.url}/symbolicate/v5", json=REQUEST, timeout=60).json()
    assert answer["results"] == [
        {
            "stacks": [
                [
                    {
                        "frame": 0,
                        "module_offset": "0x1014",
                        "module": "walk.pdb",
                        "function": "main",
                        "function_offset": "0x14",
                        "function_size": "0x40",
                        "file": "/src/main.cc",
                        "line": 12,
                        "inlines": [
                            {"function": "greet(char const*)", "file": "/src/greet.h", "line": 3}
                        ],
                    },
                    {
                        "frame": 1,
                        "module_offset": "0x1020",
                        "module": "walk.pdb",
                        "function": "main",
                        "function_offset": "0x20",
                        "function_size": "0x40",
                        "file": "/src/main.cc",
                        "line": 14,
                    },
                    {
                        "frame": 2,
                        "module_offset": "0x2004",
                        "module": "walk.pdb",
                        "function": "_start",
                        "function_offset": "0x4",
                    },
                ]
            ],
            "found_modules": {f"walk.pdb/{HELLO_ID}": True},
            "module_info": {
                f"walk.pdb/{HELLO_ID}": {"code_file": "hello.dll", "code_id": "5F000000A000"}
            },
        }
    ]


def test_v4_and_the_legacy_url_answer_with_strings(uploaded: StartedServer) -> None:
    request = {**REQUEST, "version": 4}
    expected = {
        "symbolicatedStacks": [
            ["main (in walk.pdb)", "main (in walk.pdb)", "_start (in walk.pdb)"]
        ],
        "knownModules": [True],
    }
    for path in ("/symbolicate/v4", "/"):
        assert requests.post(uploaded.url + path, json=request, timeout=60).json() == expected


def test_the_command_line_prints_a_readable_stack(uploaded: StartedServer) -> None:
    shown = uploaded.command(
        "symbolicate",
        "--module",
        f"walk.pdb/{HELLO_ID}",
        "--offset",
        "0x1014",
        "--offset",
        "0x2004",
    )
    assert shown.returncode == 0, shown.stderr
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert lines == [
        ["greet(char", "const*)", "/src/greet.h:3", "(inlined)"],
        ["0", "main", "/src/main.cc:12"],
        ["1", "_start", "walk.pdb", "+", "0x2004"],
    ]


def test_a_folder_goes_up_and_comes_down_by_commands(
    server: StartedServer, token: str, tmp_path: Path
) -> None:
    folder = tmp_path / "objdir"
    folder.mkdir()
    (folder / "made.sym").write_text(hello("folder.so"))
    sent = server.command("upload", str(folder), TECKEN_TOKEN=token)
    assert sent.returncode == 0, sent.stderr
    again = server.command("upload", str(folder), TECKEN_TOKEN=token)
    assert "1 file is there already" in again.stdout

    key = f"folder.so/{HELLO_ID}"
    got = server.command("download", key, "--output", str(tmp_path / "down"))
    assert got.returncode == 0, got.stderr
    assert (tmp_path / "down" / key / "folder.so.sym").read_text() == hello("folder.so")

    zipped = server.command("make-a-zip", key, "--output", str(tmp_path / "made.zip"))
    assert zipped.returncode == 0, zipped.stderr
    assert "Wrote" in zipped.stdout
    assert server.upload(tmp_path / "made.zip", token).json()["upload"]["files"] == []


def test_try_symbols_are_found_by_try_downloads_and_by_stacks_only(
    server: StartedServer, tmp_path: Path
) -> None:
    key = f"tried.pdb/{HELLO_ID}/tried.sym"
    archive = write_zip(tmp_path / "try.zip", {key: hello("tried.pdb")})
    answer = server.upload(archive, server.token("upload_try_symbols", email="try@example.com"))
    assert answer.json()["upload"]["try_symbols"] is True
    assert requests.get(f"{server.url}/{key}", timeout=60).status_code == 404
    assert requests.get(f"{server.url}/{key}?try", timeout=60).text == hello("tried.pdb")
    assert requests.get(f"{server.url}/try/{key}", timeout=60).text == hello("tried.pdb")
    request = {"memoryMap": [["tried.pdb", HELLO_ID]], "stacks": [[[0, 0x1014]]]}
    frame = requests.post(f"{server.url}/symbolicate/v5", json=request, timeout=60).json()
    assert frame["results"][0]["stacks"][0][0]["function"] == "main"


def test_a_new_upload_is_used_by_the_next_request_of_every_worker(
    server: StartedServer, token: str, tmp_path: Path
) -> None:
    key = f"fresh.pdb/{HELLO_ID}/fresh.sym"
    request = {"memoryMap": [["fresh.pdb", HELLO_ID]], "stacks": [[[0, 0x1014]]]}

    def function() -> object:
        answer = requests.post(f"{server.url}/symbolicate/v5", json=request, timeout=60).json()
        return answer["results"][0]["stacks"][0][0].get("function")

    assert [function() for _ in range(8)] == [None] * 8
    for name in ("first", "second"):
        text = hello("fresh.pdb").replace(" main\n", f" {name}\n")
        assert server.upload(write_zip(tmp_path / "f.zip", {key: text}), token).status_code == 201
        assert [function() for _ in range(8)] == [name] * 8
