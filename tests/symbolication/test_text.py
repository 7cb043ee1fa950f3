# SPDX-License-Identifier: MPL-2.0

"""``POST /symbolicate/text``: bodies, forms, answers and limits. What is read is tested in core."""

import gzip
import logging
from urllib.parse import quote_plus, urlencode

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.symbolication.conftest import LIBC, XUL, Store, answer_of, error_of

from tecken.symbolication import crash_answers, services
from tecken.upload.models import FileUpload, Upload

pytestmark = pytest.mark.both_forms

URL = "/symbolicate/text"
BUILD_ID = "93f70d1a8ae34f8e63c223f1500327fbd717f871"
TOMBSTONE = (
    "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x10\n"
    f"      #00 pc 0000000000000018  /system/lib64/libc.so.6 (BuildId: {BUILD_ID})\n"
    "      #01 pc 00000000000000zz  /system/lib64/libc.so.6\n"
    "caf\xe9 \r\n"
)
NAMED = TOMBSTONE.replace("libc.so.6 (B", "libc.so.6 (malloc) (B")
GDB = "#0  0x0000000000001018 in ?? () from /lib/xul.pdb\n"
MODULES = f"{XUL[0]} {XUL[1]} 0x0\n"


def post(body: bytes | str, content_type: str = "text/plain", **more: str) -> HttpResponse:
    query = more.pop("query", "")
    content = body.encode("latin-1") if isinstance(body, str) else body
    return Client().post(URL + query, content, content_type=content_type, headers=more)


def test_a_text_comes_back_with_its_frames_named_and_all_else_byte_for_byte(xul: Store) -> None:
    response = post(TOMBSTONE)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in response["Vary"]
    assert response.content == NAMED.encode("latin-1")
    assert post(response.content).content == response.content


def test_json_has_modules_threads_counts_and_what_was_not_read(xul: Store) -> None:
    answer = answer_of(post(TOMBSTONE, accept="application/json"))
    assert answer["format"] == "android-tombstone"
    assert answer["title"].startswith("signal 11 (SIGSEGV)")
    assert answer["modules"] == [
        {
            "debug_file": LIBC[0],
            "debug_id": LIBC[1],
            "code_file": None,
            "code_id": BUILD_ID,
            "found": True,
            "assumed": False,
            "error": None,
        }
    ]
    [thread] = answer["threads"]
    assert thread["crashed"] is True
    [frame] = thread["frames"]
    assert (frame["line"], frame["function"], frame["module_offset"]) == (2, "malloc", "0x18")
    assert (answer["frames"], answer["named"]) == (1, 1)
    [unread] = answer["unread"]
    assert unread["line"] == 3
    assert "zz" not in unread["reason"]


def test_json_has_the_text_as_well_when_that_is_asked_for(xul: Store) -> None:
    answer = answer_of(post(TOMBSTONE, query="?text=true", accept="application/json"))
    assert answer["text"].encode(errors="surrogateescape") == NAMED.encode("latin-1")
    assert answer.keys() - answer_of(post(TOMBSTONE, accept="application/json")) == {"text"}
    assert error_of(post("", query="?text=1")) == (400, "text must be true or false")


@pytest.mark.parametrize("size", [0, 3_000_000])
def test_a_form_has_the_modules_that_the_text_does_not_name(xul: Store, size: int) -> None:
    fields = {"text": GDB + "x" * size, "modules": MODULES}
    multipart = Client().post(URL, fields)
    urlencoded = post(urlencode(fields), "application/x-www-form-urlencoded")
    assert multipart.content == urlencoded.content
    frame, inlined, *_ = multipart.content.decode().split("\n")
    assert inlined.strip() == "inlined: Run(int) at Run.h:3"
    assert (
        frame
        == "#0  0x0000000000001018 in XREMain::XRE_mainRun() at nsAppRunner.cpp:12 from /lib/xul.pdb"
    )


def test_a_text_that_curl_calls_a_form_is_a_text(xul: Store) -> None:
    response = post(TOMBSTONE, "application/x-www-form-urlencoded")
    assert response.content == NAMED.encode("latin-1")


def test_bytes_that_are_no_utf_8_come_through_a_form(xul: Store) -> None:
    body = f"text={quote_plus(TOMBSTONE.encode('latin-1'))}"
    response = post(body, "application/x-www-form-urlencoded")
    assert response.content == NAMED.encode("latin-1")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_text_of_windows_tools_stays_in_its_encoding(xul: Store, encoding: str) -> None:
    text = "\ufeff" + TOMBSTONE
    response = post(text.encode(encoding))
    assert response["Content-Type"] == "text/plain; charset=utf-16"
    assert response.content == ("\ufeff" + NAMED).encode(encoding)
    assert post(text.encode()).content == ("\ufeff" + NAMED).encode()


@pytest.mark.parametrize("body", ["", "nothing here\r\n", "{}", '{"a": 1', "\x00\xff"])
def test_a_text_without_frames_comes_back_unchanged(xul: Store, body: str) -> None:
    response = post(body)
    assert (response.status_code, response.content) == (200, body.encode("latin-1"))
    assert answer_of(post(body, accept="application/json"))["format"] is None


def test_gzip_is_read(xul: Store) -> None:
    body = gzip.compress(TOMBSTONE.encode("latin-1"))
    assert post(body, **{"content-encoding": "gzip"}).content == NAMED.encode("latin-1")


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        ("text=a&modules=x", "application/x-www-form-urlencoded", "line 1 of the modules"),
        ("modules=x", "application/x-www-form-urlencoded", "no field text"),
        ("--a\r\n", "multipart/form-data; boundary=a", "cannot be read"),
        ("a", "multipart/form-data", "cannot be read"),
        ("&".join(["text=a"] * 30), "application/x-www-form-urlencoded", "more than 20 fields"),
    ],
)
def test_what_is_wrong_with_a_form_is_named(
    symbols: Store, body: str, content_type: str, reason: str
) -> None:
    status, sentence = error_of(post(body, content_type))
    assert status == 400
    assert reason in sentence


def test_a_parameter_that_makes_no_sense_is_refused(symbols: Store) -> None:
    assert error_of(post("", query="?guess=maybe")) == (400, "guess must be true or false")


def test_only_post_is_taken(symbols: Store) -> None:
    response = Client().get(URL)
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert Client().options(URL)["Access-Control-Allow-Methods"] == "POST, OPTIONS"


def test_beyond_the_limits_it_is_too_large(xul: Store, settings: Settings) -> None:
    settings.SYMBOLICATION_MAX_BODY_BYTES = 1_000
    settings.SYMBOLICATION_MAX_FRAMES = 1
    services.limits.cache_clear()
    assert post("x" * 1_001).status_code == 413
    status, sentence = error_of(post(GDB + GDB.replace("#0", "#1")))
    assert (status, sentence) == (413, "The text has more than 1 frames")


def test_what_json_becomes_in_memory_is_bounded_and_no_log_is_taken_for_it(
    xul: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash_answers, "_MAX_JSON_BYTES", 10_000)
    status, sentence = error_of(post('{"threads": [' + "{}," * 100 + "{}]}"))
    assert (status, sentence) == (413, "The text has too many values of JSON")
    assert post("[    1.000000] [drm] {" * 100).status_code == 200


def test_no_text_is_logged(xul: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    post(TOMBSTONE)
    post("text=SECRET&modules=SECRET", "application/x-www-form-urlencoded")
    assert "SEGV_MAPERR" not in caplog.text
    assert "SECRET" not in caplog.text


@pytest.mark.django_db
def test_a_name_is_guessed_from_the_newest_regular_upload(xul: Store) -> None:
    user = get_user_model().objects.create(email="uploader@example.com")

    def stored(debug_id: str, *, try_symbols: bool, complete: bool = True, **more: object) -> None:
        now = timezone.now()
        upload = Upload.objects.create(
            user=user,
            filename="a.zip",
            size=1,
            content_hash="0",
            bucket_name="first",
            try_symbols=try_symbols,
            completed_at=now if complete else None,
        )
        FileUpload.objects.create(
            upload=upload,
            bucket_name="first",
            key=f"v1/{XUL[0]}/{debug_id}/xul.sym",
            update=False,
            compressed=True,
            original_size=1,
            debug_file=XUL[0],
            debug_id=debug_id,
            completed_at=now,
            **more,
        )

    try_id = "CD" * 16 + "1"
    stored("AB" * 16 + "1", try_symbols=False)
    stored(XUL[1], try_symbols=False, code_file="xul.dll")
    stored("EF" * 16 + "1", try_symbols=False, complete=False)
    stored(try_id, try_symbols=True)

    def module(query: str, name: str = "xul.dll") -> tuple[object, ...]:
        answer = answer_of(post(f" 0  {name} + 0x1018\n", query=query, accept="application/json"))
        [only] = answer["modules"]
        return only["debug_file"], only["debug_id"], only["assumed"], only["found"]

    assert module("") == ("xul.pdb", None, False, False)
    assert module("?guess=true") == (*XUL, True, True)
    assert module("?guess=true", "xul") == (*XUL, True, True)
    assert module("?guess=true&try=true", "xul.pdb") == (XUL[0], try_id, True, False)


@pytest.mark.django_db
def test_a_module_is_known_by_its_timestamp_and_size(xul: Store) -> None:
    FileUpload.objects.create(
        bucket_name="first",
        key=f"v1/{XUL[0]}/{XUL[1]}/xul.sym",
        update=False,
        compressed=True,
        original_size=1,
        debug_file=XUL[0],
        debug_id=XUL[1],
        code_file="xul.dll",
        code_id="5CF2591C6859000",
        completed_at=timezone.now(),
    )
    text = """\
00007ff8`73770000 00007ff8`79fc9000   xul        (deferred)
    Image path: C:\\Program Files\\Firefox\\xul.dll
    Timestamp:        Sat Jun  1 10:53:48 2019 (5CF2591C)
    ImageSize:        06859000
00 00000042`379e8f80 00007ff6`1023a2ed     xul+0x1018
"""
    answer = answer_of(post(text, accept="application/json"))
    [module] = answer["modules"]
    assert (module["debug_file"], module["debug_id"]) == tuple(XUL)
    assert (module["code_id"], module["assumed"]) == ("5CF2591C6859000", False)
    assert answer["named"] == 1


def test_addresses_on_one_line_are_named_there(xul: Store) -> None:
    uuid = LIBC[1][:-1].lower()
    text = (
        "Last Exception Backtrace:\n(0x4011 0x9000 0x4019)\n\nBinary Images:\n"
        f"0x4000 - 0x4fff libc.so.6 arm64  <{uuid}> /usr/lib/libc.so.6\n"
    )
    named = text.replace("0x4011", "0x4011 malloc").replace("0x4019", "0x4019 malloc")
    assert post(text).content.decode() == named
    assert post(named).content.decode() == named
    answer = answer_of(post(text, accept="application/json"))
    [thread] = answer["threads"]
    found = [(frame["line"], frame["address"], frame["function"]) for frame in thread["frames"]]
    assert found == [(2, "0x4011", "malloc"), (2, "0x9000", None), (2, "0x4019", "malloc")]
