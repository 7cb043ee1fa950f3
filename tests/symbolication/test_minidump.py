# SPDX-License-Identifier: MPL-2.0

"""``POST /symbolicate/minidump``, with Breakpad's program and real symbol files."""

import gzip
import logging
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings
from tests.support.minidumps import (
    STACKWALK,
    WINDOWS,
    DumpModule,
    FrameSizes,
    stack_of,
    write_minidump,
)
from tests.support.scripted_server import ScriptedServer
from tests.symbolication.conftest import Store, answer_of, error_of

from tecken.core.concurrency.semaphores import WeightedSemaphore
from tecken.symbolication import minidump_views, services

pytestmark = pytest.mark.both_forms

URL = "/symbolicate/minidump"
HELLO = DumpModule("hello", "5A1C3F2B9D8E47606B1FA2C4D5E6F7890", 0x55D0C0D00000, 0x10000)
HELLO_TEXT = b"""MODULE Linux x86_64 5A1C3F2B9D8E47606B1FA2C4D5E6F7890 hello
FILE 0 hello.c
FUNC 1000 20 0 crash
1000 20 3 0
FUNC 1100 20 0 main
1100 20 9 0
STACK CFI INIT 1000 20 .cfa: $rsp 48 + .ra: .cfa -8 + ^
STACK CFI INIT 1100 20 .cfa: $rsp 32 + .ra: .cfa -8 + ^
"""
CRASH, MAIN = HELLO.base + 0x1010, HELLO.base + 0x1110
DUMP = write_minidump([HELLO], [stack_of([(CRASH, 48), (MAIN, 32)], misleading=CRASH)])


@pytest.fixture(autouse=True)
def stackwalk(settings: Settings) -> None:
    settings.MINIDUMP_STACKWALK_PATH = str(STACKWALK)


@pytest.fixture
def hello(symbols: Store) -> Store:
    symbols.upload([HELLO.debug_file, HELLO.debug_id], HELLO_TEXT)
    return symbols


def post(dump: bytes, query: str = "", **headers: str) -> HttpResponse:
    return Client().post(URL + query, dump, "application/octet-stream", headers=headers)


def stacks(response: HttpResponse) -> list[list[tuple[str | None, str | None, str | None]]]:
    """Of each thread the frames: module, offset, and the function that our symbols tell."""
    return [
        [
            (frame["module"], frame["module_offset"], frame["function"] if frame["found"] else None)
            for frame in thread["frames"]
        ]
        for thread in answer_of(response)["threads"]
    ]


def script(folder: Path, text: str) -> str:
    """A program in place of the real one."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_stack_is_unwound_by_our_symbols_and_named(hello: Store, settings: Settings) -> None:
    response = post(DUMP, accept="application/json")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert stacks(response) == [[("hello", "0x1010", "crash"), ("hello", "0x1110", "main")]]
    answer = answer_of(response)
    assert (answer["format"], answer["named"]) == ("minidump-stackwalk", 2)
    assert answer["title"].startswith("SIGSEGV")
    assert answer["threads"][0]["crashed"] is True
    [module] = answer["modules"]
    assert (module["debug_id"], module["found"]) == (HELLO.debug_id, True)
    assert list((settings.DATA_DIR / "tmp" / "minidumps").iterdir()) == []


def test_the_text_is_what_the_program_prints_with_names(hello: Store) -> None:
    response = post(DUMP)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    frames = [line for line in lines if re.match(r" ?\d+  ", line)]
    assert frames == [
        " 0  hello + 0x1010  crash at hello.c:3",
        " 1  hello + 0x1110  main at hello.c:9",
    ]
    assert lines.count("    Found by: call frame info") == 1
    with_text = answer_of(post(DUMP, "?text=true", accept="application/json"))
    assert with_text["text"] == response.content.decode()


def test_build_ids_of_the_dump_go_to_other_symbol_servers(
    symbols: Store, settings: Settings, tmp_path: Path
) -> None:
    build_id = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"
    module = DumpModule(HELLO.debug_file, HELLO.debug_id, HELLO.base, HELLO.size, build_id=build_id)
    dump = write_minidump([module], [stack_of([(CRASH, 48), (MAIN, 32)], misleading=CRASH)])
    settings.UPSTREAM_CACHE_URL = (tmp_path / "kept").as_uri()
    with ScriptedServer() as server:
        settings.SYMBOL_URLS = (*settings.SYMBOL_URLS, f"{server.url}?layout=debuginfod")
        services.supplier.cache_clear()
        [told] = answer_of(post(dump, accept="application/json"))["modules"]
        services.supplier.cache_clear()
    assert (told["debug_id"], told["code_id"]) == (HELLO.debug_id, build_id.upper())
    assert f"/buildid/{build_id}/debuginfo" in [received.path for received in server.received]


def test_without_symbols_the_modules_are_told(symbols: Store) -> None:
    answer = answer_of(post(DUMP, accept="application/json"))
    assert answer["named"] == 0
    [module] = answer["modules"]
    assert (module["debug_file"], module["debug_id"]) == ("hello", HELLO.debug_id)
    assert module["found"] is False


def test_a_form_has_one_file_in_any_field(hello: Store) -> None:
    file = SimpleUploadedFile("crash.dmp", DUMP)
    response = Client().post(URL, {"ProductName": "Firefox", "upload_file_minidump": file})
    assert response.content == post(DUMP).content
    two = {"a": SimpleUploadedFile("a", DUMP), "b": SimpleUploadedFile("b", DUMP)}
    assert error_of(Client().post(URL, two)) == (400, "The form has more than one file")
    assert error_of(Client().post(URL, {"a": "MDMP"})) == (400, "The form has no file")
    cut = Client().post(URL, b"--a\r\n", "multipart/form-data; boundary=a")
    assert error_of(cut) == (400, "The multipart form cannot be read")


def test_gzip_is_read(hello: Store) -> None:
    response = post(gzip.compress(DUMP), **{"content-encoding": "gzip"})
    assert response.content == post(DUMP).content


def test_a_server_without_the_program_says_so(symbols: Store, settings: Settings) -> None:
    settings.MINIDUMP_STACKWALK_PATH = ""
    status, sentence = error_of(post(DUMP))
    assert status == 501
    assert "DJANGO_MINIDUMP_STACKWALK_PATH is not set" in sentence
    settings.MINIDUMP_STACKWALK_PATH = "/nowhere/minidump_stackwalk"
    assert error_of(post(DUMP)) == (503, "/nowhere/minidump_stackwalk is not installed")


def test_only_post_is_taken(symbols: Store) -> None:
    assert Client().get(URL)["Allow"] == "POST, OPTIONS"
    assert error_of(post(DUMP, "?guess=1")) == (400, "guess must be true or false")


def test_beyond_the_limits_it_is_too_large(
    hello: Store, settings: Settings, tmp_path: Path
) -> None:
    settings.MINIDUMP_MAX_BYTES = len(DUMP)
    assert post(DUMP).status_code == 200
    settings.MINIDUMP_MAX_BYTES = len(DUMP) - 1
    said = f"The minidump is too large: at most {len(DUMP) - 1} bytes are allowed"
    assert error_of(post(DUMP)) == (413, said)
    assert error_of(post(DUMP + bytes(100_000))) == (413, said)
    assert error_of(Client().post(URL, {"a": SimpleUploadedFile("a", DUMP)})) == (413, said)
    settings.MINIDUMP_MAX_BYTES = 1_000_000
    settings.MINIDUMP_MAX_SECONDS = 0.3
    settings.MINIDUMP_STACKWALK_PATH = script(tmp_path, "sleep 60")
    said = "The minidump takes too much: program was not done after 0.3 s"
    assert error_of(post(DUMP)) == (413, said)


def test_what_it_prints_is_bounded(hello: Store, settings: Settings, tmp_path: Path) -> None:
    settings.MINIDUMP_STACKWALK_PATH = script(tmp_path, "while :; do echo xxxxxxxxxxxxxxxx; done")
    settings.SYMBOLICATION_MAX_BODY_BYTES = 10_000
    assert error_of(post(DUMP)) == (
        413,
        "The minidump takes too much: program wrote more than 10000 bytes",
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("echo /x/minidump: INFO: SECRET >&2; kill -9 $$", "program failed with status -9"),
        ("echo 'ERROR it has no stream' >&2; exit 1", "it has no stream"),
    ],
)
def test_a_program_that_fails_is_told_by_its_error_or_its_end(
    hello: Store, settings: Settings, tmp_path: Path, said: str, reason: str
) -> None:
    settings.MINIDUMP_STACKWALK_PATH = script(tmp_path, said)
    assert error_of(post(DUMP)) == (400, f"The minidump cannot be read: {reason}")


def test_only_so_many_are_walked_at_the_same_time(
    hello: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = WeightedSemaphore(2 * 8 * 1024 * 1024, 0, "busy", 1)
    monkeypatch.setattr(minidump_views, "_walked", busy)
    with busy.carrying(8 * 1024 * 1024):
        assert post(DUMP).status_code == 200
        with busy.carrying(8 * 1024 * 1024):
            assert error_of(post(DUMP)) == (429, "busy")


def test_what_is_no_minidump_is_told_and_nothing_of_it(
    hello: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert error_of(post(b"SECRET" * 100)) == (
        400,
        "This is not a minidump: it does not begin with MDMP",
    )
    status, sentence = error_of(post(DUMP[:200]))
    assert (status, sentence) == (
        400,
        "The minidump is damaged: its stream of the system lies beyond its end",
    )
    post(DUMP)
    assert "SECRET" not in caplog.text
    assert "hello" not in caplog.text


def damaged() -> Iterator[bytes]:
    """The dump with bytes of it changed: headers, lists and places among them."""
    chance = random.Random(18)
    for _ in range(20):
        dump = bytearray(DUMP)
        for _ in range(chance.choice([1, 4, 40])):
            dump[chance.randrange(32, len(dump))] = chance.randrange(256)
        yield bytes(dump)
    for _ in range(10):
        yield DUMP[: chance.randrange(len(DUMP))]


def test_a_damaged_dump_is_read_as_far_as_it_goes_or_refused(hello: Store) -> None:
    found = [post(dump) for dump in damaged()]
    assert {response.status_code for response in found} <= {200, 400}
    refused = [error_of(response)[1] for response in found if response.status_code == 400]
    assert len(refused) > 5
    reason = re.compile(
        r"This is not a minidump: .*|The minidump (?:is damaged: its|cannot be read: it) .*"
    )
    assert [sentence for sentence in refused if not reason.fullmatch(sentence)] == []
    assert "The minidump cannot be read: it has no thread list" in refused


@dataclass(frozen=True)
class RealModule:
    """A module with its real symbol file."""

    module: DumpModule
    text: bytes

    def calls(self, count: int) -> Iterator[tuple[int, str, int]]:
        """Yield calls: the return address (an offset), the function, and the frame's bytes.

        They lie in inlined calls, in functions that need the stack.
        """
        sizes, name, end = FrameSizes(self.text), "", 0
        found: set[str] = set()
        for line in self.text.decode().splitlines():
            words = line.split(" ")
            if words[0] == "FUNC":
                start, size, _, name = line.removeprefix("FUNC ").removeprefix("m ").split(" ", 3)
                end = int(start, 16) + int(size, 16)
                begin = int(start, 16)
            elif words[0] == "INLINE" and words[1] == "0" and name not in found:
                at, size = (int(word, 16) for word in words[5:7])
                frame = sizes.at(at)
                if begin < at < end and size > 1 and frame and 32 <= frame == sizes.at(at + 1):
                    found.add(name)
                    yield at + 1, name, frame
                    if len(found) == count:
                        return


def _real(real_data: Path, name: str, base: int) -> RealModule:
    [path] = real_data.glob(f"symbols/{name}/*/*.sym.gz")
    text = gzip.decompress(path.read_bytes())
    return RealModule(DumpModule(name, path.parent.name, base, 0x400000), text)


@pytest.mark.real_data
def test_a_stack_through_real_libraries_is_found_and_named_with_inlined_calls(
    symbols: Store, real_data: Path
) -> None:
    modules = [
        _real(real_data, "libc.so.6", 0x7F56E7AEC000),
        _real(real_data, "rbd-nbd", 0x559029720000),
        _real(real_data, "libstdc++.so.6", 0x7F56E7C98000),
    ]
    calls = zip(*(real.calls(6) for real in modules), strict=True)
    path = [(real, *call) for each in calls for real, call in zip(modules, each, strict=True)]
    addresses = [(real.module.base + offset, size) for real, offset, _, size in path]
    misleading = addresses[4][0]
    threads = [
        stack_of(addresses[3:9], misleading),
        stack_of(addresses, misleading),
    ]
    dump = write_minidump([real.module for real in modules], threads, crashed=1)
    for real in modules:
        symbols.upload([real.module.debug_file, real.module.debug_id], real.text)
    response = post(dump, accept="application/json")
    expected = [(real.module.debug_file, hex(offset), name) for real, offset, name, _ in path]
    assert stacks(response) == [expected, expected[3:9]]
    frames = answer_of(response)["threads"][0]["frames"]
    assert all(frame["inlines"] for frame in frames)
    assert [module["found"] for module in answer_of(response)["modules"]] == [True] * 3


@pytest.mark.real_data
def test_a_stack_of_windows_is_found_and_named(symbols: Store, real_data: Path) -> None:
    [path] = real_data.glob("symbols/qipcap64.pdb/*/*.sym.gz")
    text, debug_id = gzip.decompress(path.read_bytes()), path.parent.name
    code_file = r"C:\Program Files\Firefox\qipcap64.dll"
    module = DumpModule("qipcap64.pdb", debug_id, 0x7FF873770000, 0x20000, code_file)
    symbols.upload([module.debug_file, debug_id], text)
    sizes = FrameSizes(text)
    functions = re.findall(r"^FUNC ([0-9a-f]+) ([0-9a-f]+) [0-9a-f]+ (.*)$", text.decode(), re.M)
    calls = [
        (offset, name, sizes.at(offset) or 0)
        for start, size, name in functions[:12]
        if (offset := int(start, 16) + 16) < int(start, 16) + int(size, 16) - 1
        and (sizes.at(offset) or 0) >= 32
    ]
    addresses = [(module.base + offset, size) for offset, _, size in calls]
    dump = write_minidump([module], [stack_of(addresses, addresses[0][0])], platform=WINDOWS)
    response = post(dump, accept="application/json")
    assert stacks(response) == [[("qipcap64.pdb", hex(offset), name) for offset, name, _ in calls]]
    assert len(calls) > 4
    answer = answer_of(response)
    assert answer["title"].startswith("EXCEPTION_ACCESS_VIOLATION")
    [found] = answer["modules"]
    assert (found["code_file"], found["found"]) == ("qipcap64.dll", True)


@pytest.mark.real_data
def test_what_the_other_program_prints_is_read(
    hello: Store, real_data: Path, settings: Settings, tmp_path: Path
) -> None:
    printed = real_data / "crashes" / "minidump-stackwalk-rust.txt"
    settings.MINIDUMP_STACKWALK_PATH = script(tmp_path, f"cat {printed}")
    answer = answer_of(post(DUMP, accept="application/json"))
    assert answer["format"] == "minidump-stackwalk"
    ids = {module["debug_file"]: module["debug_id"] for module in answer["modules"]}
    assert ids["libc.so.6"] == "1A0DF793E38A8E4F63C223F1500327FB0"
    assert answer["frames"] > 8
