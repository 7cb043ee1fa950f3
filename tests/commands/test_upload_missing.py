# SPDX-License-Identifier: MPL-2.0
"""`tecken upload` asks which files are missing, and sends those."""

import gzip
import io
import json
import zipfile
from hashlib import md5
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, Received, ScriptedServer

from tecken.commands.upload import command
from tecken.commands.upload_requests import EXIT_PARTLY, EXIT_REFUSED

JSON = {"Content-Type": "application/json"}
A, B, C = (f"{name}.pdb/AB/{name}.sym" for name in "abc")


def text(key: str, size: int = 0) -> bytes:
    debug_file = key.partition("/")[0]
    return f"MODULE windows x86_64 AB {debug_file}\nPUBLIC 10 0 {'x' * size}\n".encode()


class SymbolServer(ScriptedServer):
    """Answers as a server that has the files ``has``; ``unknown``: it was never asked such a thing."""

    def __init__(self, *has: str, refuses: int = 0) -> None:
        super().__init__()
        self.has = set(has)
        self.refuses = refuses

    def _answer_to(self, received: Received) -> Answer:
        self.received.append(received)
        if received.path == "/upload/":
            upload = {"id": 1, "size": 2, "files": [{"key": key} for key in self.sent()[-1]]}
            return Answer(201, json.dumps({"upload": upload}).encode(), JSON)
        if self.refuses:
            return Answer(self.refuses, b"", JSON)
        files = json.loads(gzip.decompress(received.body))["files"]
        places = [place for place, file in enumerate(files) if file["key"] not in self.has]
        return Answer(200, json.dumps({"missing": places, "present": []}).encode(), JSON)

    def asked(self) -> list[dict[str, Any]]:
        return [
            json.loads(gzip.decompress(r.body)) for r in self.received if r.path == "/upload/check"
        ]

    def archives(self) -> list[bytes]:
        forms = [r.form() for r in self.received if r.path == "/upload/"]
        return [form["archive"][1] for form in forms]

    def sent(self) -> list[list[str]]:
        return [ZipFile(io.BytesIO(archive)).namelist() for archive in self.archives()]


def upload(server: SymbolServer, *arguments: str | Path) -> Result:
    with server:
        return CliRunner().invoke(
            command,
            ["--url", server.url, "--retries", "0", *map(str, arguments)],
            env={"TECKEN_TOKEN": "0" * 32, "TECKEN_URL": None},
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "symbols"
    for key in (A, B, C):
        path = folder / key
        path.parent.mkdir(parents=True)
        path.write_bytes(text(key))
    return folder


def zip_of(path: Path, sizes: dict[str, int]) -> Path:
    with ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.mkdir("a.pdb")
        archive.writestr("my-symbols.txt", b"a list")
        for key, size in sizes.items():
            archive.writestr(key, text(key, size))
    return path


def test_of_a_folder_what_is_missing_is_sent(folder: Path) -> None:
    server = SymbolServer(A, C)
    result = upload(server, folder)
    assert result.exit_code == 0, result.output
    assert server.sent() == [[B]]
    assert "symbols.zip: 2 files are there already" in result.stdout
    assert f"  present {A}\n" in result.stdout


def test_the_server_is_asked_by_size_and_md5_of_the_uncompressed_bytes(folder: Path) -> None:
    (folder / A).write_bytes(gzip.compress(text(A)))
    server = SymbolServer(A, B, C)
    upload(server, folder, "--try", "--bucket", "other")
    assert server.asked() == [
        {"files": [], "try": True, "bucket_name": "other"},
        {
            "files": [
                {
                    "key": key,
                    "size": len(text(key)),
                    "md5": md5(text(key), usedforsecurity=False).hexdigest(),
                }
                for key in (A, B, C)
            ],
            "try": True,
            "bucket_name": "other",
        },
    ]


def test_when_all_is_there_nothing_is_sent(folder: Path, tmp_path: Path) -> None:
    server = SymbolServer(A, B, C)
    result = upload(server, folder, zip_of(tmp_path / "mine.zip", {A: 1, B: 1}), "--quiet")
    assert (result.exit_code, server.sent()) == (0, [])
    assert result.stdout.splitlines() == [
        "mine.zip: 2 files are there already",
        "symbols.zip: 3 files are there already",
    ]


def test_of_a_zip_whose_smaller_part_is_missing_that_part_is_sent(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "mine.zip", {A: 9000, B: 9000, C: 10})
    server = SymbolServer(A, B)
    assert upload(server, path).exit_code == 0
    assert server.sent() == [[C]]
    assert ZipFile(io.BytesIO(server.archives()[0])).read(C) == text(C, 10)


@pytest.mark.parametrize("has", [[], [B]])
def test_of_a_zip_whose_larger_part_is_missing_all_is_sent_as_it_is(
    tmp_path: Path, has: list[str]
) -> None:
    path = zip_of(tmp_path / "mine.zip", {A: 9000, B: 10})
    server = SymbolServer(*has)
    assert upload(server, path).exit_code == 0
    assert server.archives() == [path.read_bytes()]


def test_zips_of_symbols_in_a_folder_are_sent_and_other_zips_are_not(folder: Path) -> None:
    zip_of(folder / "more.zip", {"d.pdb/AB/d.sym": 1})
    with ZipFile(folder / "sources.zip", "w") as archive:
        archive.writestr("readme.txt", "no symbols")
    (folder / "broken.zip").write_bytes(b"PK")
    server = SymbolServer()
    result = upload(server, folder)
    assert [len(names) for names in server.sent()] == [3, 3]
    assert "d.pdb/AB/d.sym" in server.sent()[0]
    assert "left out " + str(folder / "sources.zip") in result.stderr
    assert "left out " + str(folder / "broken.zip") in result.stderr


def test_many_files_are_asked_about_in_several_questions(tmp_path: Path) -> None:
    keys = [f"a.pdb/{number:X}/a.sym" for number in range(1_001)]
    path = zip_of(tmp_path / "mine.zip", dict.fromkeys(keys, 1))
    server = SymbolServer(*keys[:-1])
    assert upload(server, path, "--quiet").exit_code == 0
    assert [len(question["files"]) for question in server.asked()] == [0, 500, 500, 1]
    assert server.sent() == [[keys[-1]]]


@pytest.mark.parametrize("status", [404, 405, 403, 400])
def test_a_server_that_does_not_say_gets_everything(
    folder: Path, tmp_path: Path, status: int
) -> None:
    server = SymbolServer(A, B, C, refuses=status)
    path = zip_of(tmp_path / "mine.zip", {A: 1})
    result = upload(server, folder, path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert server.sent()[1] == [A, B, C]
    assert server.archives()[0] == path.read_bytes()
    assert server.asked() == [{"files": [], "try": False, "bucket_name": ""}]


def test_a_server_in_trouble_is_an_error_and_nothing_is_sent(folder: Path) -> None:
    server = SymbolServer(refuses=503)
    assert upload(server, folder).exit_code == 1
    assert server.sent() == []


def test_nothing_is_asked_with_no_check(folder: Path, tmp_path: Path) -> None:
    server = SymbolServer(A, B, C)
    odd = tmp_path / "odd.zip"
    odd.write_bytes(b"whatever it holds")
    with ZipFile(odd, "a") as archive:
        archive.writestr(A, b"no MODULE line")
    upload(server, folder, odd, "--no-check", "--bucket", "other")
    assert server.asked() == []
    assert server.archives()[0] == odd.read_bytes()
    assert server.received[0].form()["bucket_name"] == (None, b"other")


def test_a_rehearsal_says_what_would_be_sent_and_sends_nothing(
    folder: Path, tmp_path: Path
) -> None:
    server = SymbolServer(A, C)
    path = zip_of(tmp_path / "mine.zip", {A: 9000, B: 10})
    result = upload(server, folder, path, "--dry-run", "--url-of", "https://host/x.zip")
    assert (result.exit_code, server.sent()) == (0, [])
    assert result.stdout.splitlines() == [
        "Would send https://host/x.zip",
        "mine.zip: 1 file is there already",
        f"  present {A}",
        "Would send mine.zip with 1 missing file",
        f"  missing {B}",
        "symbols.zip: 2 files are there already",
        f"  present {A}",
        f"  present {C}",
        "Would send symbols.zip with 1 missing file",
        f"  missing {B}",
    ]


def test_json_on_standard_output_is_only_what_the_server_answers(folder: Path) -> None:
    server = SymbolServer(A)
    result = upload(server, folder, "--json")
    assert [*json.loads(result.stdout)] == ["upload"]
    assert "symbols.zip: 1 file is there already" in result.stderr


def test_a_symbol_file_without_a_module_line_is_refused_here(folder: Path, tmp_path: Path) -> None:
    named = tmp_path / "named.sym"
    named.write_bytes(b"PUBLIC 10 0 main\n")
    server = SymbolServer()
    result = upload(server, named)
    assert (result.exit_code, server.received) == (1, [])
    assert "the first line is not MODULE <os> <arch> <debug id> <debug file>" in result.stderr

    (folder / A).write_bytes(b"PUBLIC 10 0 main\n")
    server = SymbolServer()
    result = upload(server, folder)
    assert (result.exit_code, server.sent()) == (EXIT_PARTLY, [[B, C]])
    assert f"left out {folder / A}: the first line is not MODULE" in result.stderr


def test_a_zip_that_holds_one_is_refused_here(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "mine.zip", {A: 1})
    with ZipFile(path, "a") as archive:
        archive.writestr(B, b"PUBLIC 10 0 main\n")
    server = SymbolServer()
    result = upload(server, path)
    assert (result.exit_code, server.sent()) == (EXIT_REFUSED, [])
    assert f"{B} does not begin with a MODULE record" in result.stderr
