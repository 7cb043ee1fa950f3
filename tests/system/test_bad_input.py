# SPDX-License-Identifier: MPL-2.0

"""Bad input gets a 4xx and a sentence that names what was wrong; nothing gets a 500."""

import io
import json
import stat
import struct
import zipfile
from pathlib import Path

import pytest
import requests
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello

GOOD = f"bad.pdb/{HELLO_ID}/bad.sym"
FOUND = {"memoryMap": [["a.pdb", "1"]], "stacks": [[[0, 1]]]}

SYMBOLICATION = {
    "no JSON": (b"{", "Invalid JSON passed in"),
    "no text": (b"\xff\xfe", "Invalid JSON passed in"),
    "empty": (b"", "Invalid JSON passed in"),
    "not a number": (b'{"memoryMap": [["a", "1"]], "stacks": [[[0, NaN]]]}', "Invalid JSON passed in"),
    "too deep": (b"[" * 100_000, "Invalid JSON passed in"),
    "a list": (b"[]", "Not a dict"),
    "nothing": (b"{}", "Missing key in JSON ('jobs')"),
    "no stacks": (b'{"memoryMap": []}', "Missing key in JSON ('stacks')"),
    "no memory map": (b'{"jobs": [{"stacks": []}]}', "Missing key in JSON ('memoryMap')"),
    "no jobs": (b'{"jobs": []}', "Jobs list empty"),
    "stacks of numbers": (b'{"memoryMap": [["a", "1"]], "stacks": [1]}', "Must be a list of lists"),
    "frames of one": (b'{"memoryMap": [["a", "1"]], "stacks": [[[0]]]}', "List of lists of frames must be 2 numbers"),
    "frames of null": (b'{"memoryMap": [["a", "1"]], "stacks": [[[0, null]]]}', "List of lists of frames must be 2 numbers"),
    "frames of true": (b'{"memoryMap": [["a", "1"]], "stacks": [[[true, 1]]]}', "List of lists of frames must be 2 numbers"),
    "module out of range": (b'{"memoryMap": [["a", "1"]], "stacks": [[[1, 1]]]}', "Module index 1 is not below"),
    "a name with NUL": (b'{"memoryMap": [["a\\u0000", "1"]], "stacks": []}', "A name or id"),
    "a long name": (json.dumps({"memoryMap": [["a" * 1025, "1"]], "stacks": []}).encode(), "A name or id"),
    "5,000 digits": (b'{"memoryMap": [["a", "1"]], "stacks": [[[0, ' + b"9" * 5000 + b"]]]}", "Invalid JSON passed in"),
}  # fmt: skip


@pytest.mark.parametrize("case", SYMBOLICATION)
def test_a_bad_symbolication_request_is_explained(server: StartedServer, case: str) -> None:
    body, sentence = SYMBOLICATION[case]
    answer = requests.post(f"{server.url}/symbolicate/v5", data=body, timeout=60)
    assert (answer.status_code, answer.json()["error"][: len(sentence)]) == (400, sentence)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_huge_offsets_are_echoed_and_find_nothing(server: StartedServer) -> None:
    for offset in (2**64, -(2**70), 10**300):
        request = {**FOUND, "stacks": [[[0, offset]]]}
        answer = requests.post(f"{server.url}/symbolicate/v5", json=request, timeout=60)
        assert answer.json()["results"][0]["stacks"][0][0]["module_offset"] == hex(offset)


def test_other_versions_and_methods_are_refused(server: StartedServer) -> None:
    v4 = requests.post(f"{server.url}/symbolicate/v4", json={**FOUND, "version": 5}, timeout=60)
    assert (v4.status_code, v4.json()) == (400, {"error": "Expect version==4"})
    get = requests.get(f"{server.url}/symbolicate/v5", timeout=60)
    assert (get.status_code, get.json()) == (405, {"error": "Must use HTTP POST"})


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def symlink() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(GOOD)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def damaged() -> bytes:
    archive = bytearray(zipped((GOOD, hello("bad.pdb").encode() * 50)))
    struct.pack_into("<I", archive, archive.rindex(b"PK\x01\x02") + 16, 0xDEADBEEF)
    return bytes(archive)


TEXT = hello("bad.pdb").encode()
PATTERN = "Unrecognized file pattern. Should only be <module>/<hex>/<file> or <name>-symbols.txt and nothing else."
ARCHIVES = {
    "no zip": (b"nothing", 400, "File is not a zip file"),
    "empty file": (b"", 400, ""),
    "truncated": (zipped((GOOD, TEXT))[:-30], 400, "File is not a zip file"),
    "no members": (zipped(), 400, ""),
    "wrong checksum": (damaged(), 400, ""),
    "a bomb": (zipped((GOOD, b"\0" * 64 * 1024 * 1024)), 413, ""),
    "a symlink": (zipped((symlink(), b"/etc/passwd")), 400, ""),
    "going up": (zipped(("../../etc/passwd", b"x")), 400, ""),
    "absolute": (zipped(("/etc/passwd", b"x")), 400, ""),
    "a bad path": (zipped(("foo.sym", TEXT)), 400, f"{PATTERN} (First unrecognized pattern was foo.sym)"),
    "no hexadecimal id": (zipped(("bad.pdb/xyz/bad.sym", TEXT)), 400, PATTERN),
    "bad characters": (zipped((f"b[a]d.pdb/{HELLO_ID}/bad.sym", TEXT)), 400, "Invalid character in filename"),
    "another debug id": (zipped((f"bad.pdb/{'F' * 33}/bad.sym", TEXT)), 400, ""),
    "a forbidden snippet": (
        zipped((GOOD, b"x" * 300_000 + b"qcom/proprietary")),
        400,
        "Content of archive file contains the snippet 'qcom/proprietary' which is not allowed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ARCHIVES)
def test_a_bad_archive_is_explained_and_leaves_nothing(
    server: StartedServer, token: str, tmp_path: Path, case: str
) -> None:
    content, status, sentence = ARCHIVES[case]
    archive = tmp_path / "bad.zip"
    archive.write_bytes(content)
    answer = server.upload(archive, token)
    error = answer.json()["error"]
    assert (answer.status_code, error[: len(sentence)]) == (status, sentence)
    assert error
    assert not [key for key in server.objects.versions() if "bad." in key]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_must_have_one_content(
    server: StartedServer, token: str, tmp_path: Path
) -> None:
    archive = tmp_path / "twins.zip"
    archive.write_bytes(zipped((GOOD, TEXT), (GOOD, TEXT + b"\n")))
    assert "contains two files both called" in server.upload(archive, token).json()["error"]


def test_an_upload_without_the_right_to_it_is_refused(
    server: StartedServer, tmp_path: Path
) -> None:
    archive = tmp_path / "symbols.zip"
    archive.write_bytes(zipped((GOOD, TEXT)))
    wrong = server.upload(archive, "0123456789abcdef0123456789abcdef")
    assert (wrong.status_code, wrong.json()) == (403, {"error": "API Token not matched"})
    nobody = requests.post(f"{server.url}/upload/", files={"a.zip": b"x"}, timeout=60)
    sentence = "This requires an Auth-Token to authenticate the request"
    assert (nobody.status_code, nobody.json()) == (403, {"error": sentence})
    reader = server.token("view_all_uploads", email="reader@example.com")
    assert server.upload(archive, reader).json() == {"error": "Forbidden"}


def test_other_forms_of_upload_are_refused(
    server: StartedServer, token: str, tmp_path: Path
) -> None:
    headers = {"Auth-Token": token}
    url = f"{server.url}/upload/"
    nothing = requests.post(url, headers=headers, timeout=60)
    assert nothing.json() == {"error": "Must be multipart form data with at least one file"}
    rar = requests.post(url, headers=headers, files={"x": ("a.rar", b"x")}, timeout=60)
    assert rar.json() == {"error": 'Unrecognized archive file extension ".rar"'}
    two = {"a.zip": ("a.zip", zipped((GOOD, TEXT))), "b.zip": ("b.zip", b"x")}
    assert requests.post(url, headers=headers, files=two, timeout=60).status_code == 400
    get = requests.get(url, headers=headers, timeout=60)
    assert get.json() == {"error": "Method Not Allowed (GET): /upload/"}
    cut = {**headers, "Content-Type": "multipart/form-data; boundary=b"}
    assert requests.post(url, headers=cut, data=b"--b\r\nConten", timeout=60).status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/bad.pdb/xyz/bad.sym", 404),
        ("/bad.pdb/0000/bad.sym", 404),
        (f"/bad.pdb/{HELLO_ID}/file.ptr", 404),
        (f"/bad.pdb/{HELLO_ID}/bad.exe", 404),
        (f"/b%00d.pdb/{HELLO_ID}/bad.sym", 400),
        (f"/b%5Bd.pdb/{HELLO_ID}/bad.sym", 400),
        (f"/b%ffd.pdb/{HELLO_ID}/bad.sym", 400),
        (f"/..%2f..%2fetc/{HELLO_ID}/passwd.sym", 404),
        (f"/{'x' * 5000}/{HELLO_ID}/bad.sym", 400),
        ("/_files/nowhere/v1/x", 404),
        ("/_files/symbols/../../../etc/passwd", 404),
        ("/unknown/bad.pdb/ABC/bad.sym", 404),
        ("/%E2%82%AC", 404),
    ],
)
def test_odd_download_urls_are_no_fault(server: StartedServer, path: str, status: int) -> None:
    session = requests.Session()
    request = requests.Request("GET", server.url + path).prepare()
    request.url = server.url + path  # as it is written here, not tidied up
    assert session.send(request, timeout=60).status_code == status
