# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import gzip
import json
import shutil

import pytest
from django.test import Client
from pytest_django import Settings
from tests.symbolication.conftest import (
    LIBC,
    LIBC_TEXT,
    WNTDLL,
    XUL,
    XUL_TEXT,
    Store,
    answer_of,
    error_of,
    one_job,
    post,
)

from tecken.core.symbols import index as index_module
from tecken.symbolication import services

URL = "/symbolicate/v5"
NOT_FOUND = [{"name": "not_found", "message": "no source has a symbol file of this module"}]


def result(request: object, **headers: str) -> dict:
    """The answer to the only job of a request."""
    response = post(URL, request, **headers)
    assert response.status_code == 200
    [only] = answer_of(response)["results"]
    return only


def frames(request: object) -> list[dict]:
    [stack] = result(request)["stacks"]
    return stack


def test_a_frame_has_function_file_line_and_inlined_calls(xul: Store) -> None:
    assert frames(one_job([XUL], [[0, 0x1018]])) == [
        {
            "frame": 0,
            "module_offset": "0x1018",
            "module": "xul.pdb",
            "function": "XREMain::XRE_mainRun()",
            "function_offset": "0x18",
            "function_size": "0x40",
            "file": "nsAppRunner.cpp",
            "line": 12,
            "inlines": [{"function": "Run(int)", "file": "Run.h", "line": 3}],
        }
    ]


def test_what_is_not_known_is_left_out(xul: Store) -> None:
    without_line, without_records, public, below = frames(
        one_job([XUL], [[0, 0x1020], [0, 0x1030], [0, 0x2001], [0, 0x10]])
    )
    assert "line" not in without_line
    assert without_line["file"] == "nsAppRunner.cpp"
    assert without_records.keys() == {
        *("frame", "module_offset", "module", "function", "function_offset", "function_size")
    }
    assert (public["function"], public["function_offset"]) == ("_start", "0x1")
    assert "function_size" not in public
    assert below == {"frame": 3, "module_offset": "0x10", "module": "xul.pdb"}


def test_an_inlined_call_of_which_nothing_is_known_is_an_empty_object(symbols: Store) -> None:
    symbols.upload(XUL, b"FUNC 10 10 0 f\nINLINE 0 1 9 9 10 10\n")
    assert frames(one_job([XUL], [[0, 0x10]]))[0]["inlines"] == [{}]


def test_jobs_stacks_and_frames_are_answered_in_their_order(xul: Store) -> None:
    jobs = [
        one_job([WNTDLL, XUL], [[1, 0x1000], [0, 65802], [1, 0x1000]], []),
        one_job([]),
        one_job([LIBC], [[0, 0x10]], [[-1, 0x20], [0, 0x11]]),
    ]
    results = answer_of(post(URL, {"jobs": jobs}))["results"]
    assert [
        [[(frame["frame"], frame.get("function")) for frame in stack] for stack in one["stacks"]]
        for one in results
    ] == [
        [[(0, "XREMain::XRE_mainRun()"), (1, None), (2, "XREMain::XRE_mainRun()")], []],
        [],
        [[(0, "malloc")], [(0, None), (1, "malloc")]],
    ]
    assert [list(one["found_modules"].values()) for one in results] == [[False, True], [], [True]]


def test_found_modules_are_true_false_or_null_under_the_names_that_were_sent(xul: Store) -> None:
    lower, vdso = [XUL[0], XUL[1].lower()], ["[vdso]", ""]
    answer = result(one_job([lower, WNTDLL, LIBC, vdso], [[0, 0x1000], [1, 1], [3, 1]]))
    assert answer["found_modules"] == {
        "/".join(lower): True,
        "/".join(WNTDLL): False,
        "/".join(LIBC): None,
        "[vdso]/": False,
    }
    assert answer["module_errors"] == {"/".join(WNTDLL): NOT_FOUND, "[vdso]/": NOT_FOUND}


def test_without_errors_there_is_no_module_errors(xul: Store) -> None:
    request = one_job([XUL, WNTDLL], [[0, 0x1000]])
    assert result(request).keys() == {"stacks", "found_modules"}


def test_a_module_that_is_needed_only_in_an_odd_way_is_null(xul: Store) -> None:
    answer = result(one_job([XUL], [[0, 1.5], [0, -1], [-1, 0x1000]]))
    assert answer["found_modules"] == {"/".join(XUL): None}


def test_a_frame_in_no_module_is_in_the_unknown_module(symbols: Store) -> None:
    assert frames(one_job([XUL], [[-1, 0x10], [-7, 0x10]])) == [
        {"frame": 0, "module_offset": "0x10", "module": "<unknown>"},
        {"frame": 1, "module_offset": "0x10", "module": "<unknown>"},
    ]


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("1.00000", "1.00000"),
        ("4096.0", "4096.0"),
        ('"0x1000"', "0x1000"),
        ('"\\u0000\\n"', "\0\n"),
        ("-1", "-0x1"),
        ("18446744073709551616", "0x10000000000000000"),
        ("1" + "0" * 3999, hex(10**3999)),
    ],
)
def test_an_offset_that_cannot_be_an_address_is_given_back(
    xul: Store, sent: str, answered: str
) -> None:
    body = b'{"memoryMap": [%b], "stacks": [[[0, %b], [0, 4096]]]}'
    odd, usual = frames(body % (json.dumps(XUL).encode(), sent.encode()))
    assert odd == {"frame": 0, "module_offset": answered, "module": "xul.pdb"}
    assert usual["function"] == "XREMain::XRE_mainRun()"


def test_the_last_address_is_looked_up(xul: Store) -> None:
    [frame] = frames(one_job([XUL], [[0, 2**64 - 1]]))
    assert (frame["function"], frame["function_offset"]) == ("_start", "0xffffffffffffdfff")


def test_names_come_back_as_recorded_whatever_is_in_them(symbols: Store) -> None:
    name = 'std::map<"a\\b">::größe\t\ufffd\u2028'
    symbols.upload(
        XUL, b"PUBLIC 10 0 " + name.replace("\ufffd", "\udcff").encode("utf-8", "surrogateescape")
    )
    assert frames(one_job([XUL], [[0, 0x10]]))[0]["function"] == name


# --- Symbol files ---


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "there is no FUNC and no PUBLIC record"),
        (gzip.compress(b""), "there is no FUNC and no PUBLIC record"),
        (b"MODULE windows x86_64 ABC xul.pdb\nFILE 0 a.c\n", "there is no FUNC and no PUBLIC"),
        (b"\x1f\x8b is not gzip", "damaged gzip data"),
        (gzip.compress(XUL_TEXT)[:-9], "the gzip data ends too early"),
    ],
    ids=["empty", "empty gzip", "no symbols", "damaged gzip", "cut gzip"],
)
def test_a_malformed_symbol_file_is_not_found_and_fails_no_other_module(
    symbols: Store, data: bytes, message: str
) -> None:
    symbols.put_by_hand(XUL, data)
    symbols.upload(LIBC, LIBC_TEXT)
    answer = result(one_job([XUL, LIBC], [[0, 0x1000], [1, 0x10]]))
    assert answer["found_modules"] == {"/".join(XUL): False, "/".join(LIBC): True}
    [error] = answer["module_errors"]["/".join(XUL)]
    assert error["name"] == "malformed"
    assert error["message"].startswith(message)
    assert [frame.get("function") for frame in answer["stacks"][0]] == [None, "malloc"]


def test_a_symbol_file_with_too_many_records_is_unsupported(
    symbols: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real part that is missing is a file of the real limit, which takes seconds to make.
    monkeypatch.setattr(index_module, "MAX_INDEXED_RECORDS", 3)
    symbols.upload(XUL, XUL_TEXT)
    answer = result(one_job([XUL], [[0, 0x1000]]))
    assert answer["found_modules"] == {"/".join(XUL): False}
    assert answer["module_errors"] == {
        "/".join(XUL): [{"name": "unsupported", "message": "more than 3 symbols and names"}]
    }


@pytest.mark.parametrize("data", [XUL_TEXT, gzip.compress(XUL_TEXT)], ids=["plain", "gzip"])
def test_a_file_that_somebody_else_put_into_the_bucket_is_found(
    symbols: Store, data: bytes
) -> None:
    symbols.put_by_hand(XUL, data)
    for _ in range(2):
        assert frames(one_job([XUL], [[0, 0x1018]]))[0]["line"] == 12
        services.supplier.cache_clear()  # another worker process


def test_sources_are_asked_in_order_and_try_symbols_last(symbols: Store) -> None:
    def function() -> str | None:
        return frames(one_job([LIBC], [[0, 0x10]]))[0].get("function")

    assert function() is None
    for source in (symbols.try_symbols, symbols.second, symbols.first):
        symbols.upload(LIBC, LIBC_TEXT.replace(b"malloc", source.prefix.encode()), source)
        assert function() == source.prefix
        symbols.upload(LIBC, LIBC_TEXT.replace(b"malloc", b"again"), source)
        assert function() == "again"


def test_a_missing_module_is_found_by_the_request_after_its_upload(symbols: Store) -> None:
    request = one_job([XUL], [[0, 0x1000]])
    assert result(request)["found_modules"] == {"/".join(XUL): False}
    symbols.upload(XUL, XUL_TEXT)
    assert result(request)["found_modules"] == {"/".join(XUL): True}


def vanish(symbols: Store, name: str) -> None:
    shutil.rmtree(getattr(symbols, name).bucket.folder)


def test_when_a_bucket_has_vanished_the_client_is_told_to_come_again(xul: Store) -> None:
    vanish(xul, "first")
    response = post(URL, one_job([WNTDLL, XUL], [[1, 0x1000]]))
    status, sentence = error_of(response)
    assert status == 503
    assert int(response["Retry-After"]) > 0
    assert response["Access-Control-Allow-Origin"] == "*"
    module = "/".join(XUL)
    assert sentence.startswith(f"the symbols of {module} could not be asked for: first: ")
    [error] = answer_of(response)["module_errors"][module]
    assert error["name"] == "unreachable"
    assert error["message"].startswith("first: ")


def test_a_bucket_that_has_vanished_is_no_trouble_behind_one_that_has_the_file(xul: Store) -> None:
    vanish(xul, "second")
    assert result(one_job([XUL], [[0, 0x1000]]))["found_modules"] == {"/".join(XUL): True}
    assert post(URL, one_job([XUL, WNTDLL], [[0, 0x1000], [1, 1]])).status_code == 503


def test_trouble_is_not_remembered(xul: Store) -> None:
    request = one_job([XUL, WNTDLL], [[0, 0x1000], [1, 1]])
    folder = xul.first.bucket.folder
    folder.rename(folder.with_name("away"))
    assert post(URL, request).status_code == 503
    folder.with_name("away").rename(folder)
    assert list(result(request)["found_modules"].values()) == [True, False]


def test_a_request_that_needs_no_module_asks_no_bucket(symbols: Store) -> None:
    vanish(symbols, "first")
    assert result(one_job([XUL], [[-1, 0x10]]))["found_modules"] == {"/".join(XUL): None}


# --- The debug block ---


@pytest.mark.parametrize("value", ["true", "True", "1", "yes", " YES "])
def test_debug_adds_a_block_to_every_job(xul: Store, value: str) -> None:
    jobs = [one_job([XUL], [[0, 0x1000]]), one_job([])]
    answer = answer_of(post(URL, {"jobs": jobs}, Debug=value))
    assert all("debug" in job for job in answer["results"])


@pytest.mark.parametrize("value", ["", "false", "0", "no", "2"])
def test_without_debug_there_is_none(xul: Store, value: str) -> None:
    assert "debug" not in result(one_job([XUL], [[0, 0x1000]]), Debug=value)


def debug(request: object) -> dict:
    return result(request, Debug="true")["debug"]


def test_the_debug_block_counts_frames_and_modules(xul: Store) -> None:
    block = debug(
        one_job(
            [XUL, WNTDLL, LIBC],
            [[0, 0x1000], [0, 0x1010], [1, 5], [0, 1.5], [-1, 9], [-1, "x"]],
            [[0, 0x1000]],
            [[-3, 0x1000]],
            [],
        )
    )
    assert block["stacks"] == {"count": 8, "real": 4}
    assert block["modules"] == {
        "count": 2,
        "stacks_per_module": {"/".join(XUL): 2, "/".join(WNTDLL): 1},
    }
    assert block["time"] > 0


def test_the_debug_block_counts_what_was_read_of_storage(xul: Store) -> None:
    request = one_job([XUL, LIBC, WNTDLL], [[0, 0x1000], [1, 0x10], [2, 5]])
    first, second = debug(request), debug(request)
    assert first["downloads"]["count"] == 2
    assert first["downloads"]["size"] >= len(XUL_TEXT + LIBC_TEXT)
    assert first["downloads"]["time"] > 0
    assert second["downloads"] == {"count": 0, "size": 0, "time": 0}
    assert first["cache_lookups"]["count"] == 0


def test_the_debug_block_counts_what_was_read_of_the_nodes_folder(symbols: Store) -> None:
    symbols.put_by_hand(XUL, gzip.compress(XUL_TEXT))
    request = one_job([XUL], [[0, 0x1000]])
    first = debug(request)
    services.supplier.cache_clear()  # another worker process
    second = debug(request)
    assert first["downloads"]["count"] == 1
    assert first["downloads"]["size"] == len(XUL_TEXT)
    assert second["downloads"]["count"] == 0
    assert second["cache_lookups"]["count"] > 0
    assert second["cache_lookups"]["size"] > 0
    assert second["cache_lookups"]["time"] > 0


def test_the_time_is_told_by_step(xul: Store) -> None:
    response = post(URL, one_job([XUL], [[0, 0x1000]]))
    steps = dict(step.split(";dur=") for step in response["Server-Timing"].split(", "))
    assert list(steps) == ["parse", "find", "fetch", "lookup", "write"]
    assert all(float(milliseconds) >= 0 for milliseconds in steps.values())


# --- HTTP ---


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Invalid JSON passed in"),
        (b"[" * 100_000, "Invalid JSON passed in: nested too deeply"),
        (b'{"jobs": NaN}', "Invalid JSON passed in: NaN is not JSON"),
        (b'"\xff"', "Invalid JSON passed in"),
        (b"[]", "Not a dict"),
        (b"{}", "Missing key in JSON ('jobs')"),
        (b'{"jobs": []}', "Jobs list empty"),
        (
            b'{"jobs": [{"memoryMap": 1, "stacks": 1}]}',
            "Must be a list of lists (job 0, memoryMap)",
        ),
        (
            b'{"memoryMap": [], "stacks": [[[0, null]]]}',
            "List of lists of frames must be 2 numbers",
        ),
        (b'{"memoryMap": [["a\\u0000", ""]], "stacks": []}', "A name or id is longer than 1024"),
        (b'{"memoryMap": [["\\ud800", ""]], "stacks": []}', "A name or id is not valid Unicode"),
        (b'{"memoryMap": [], "stacks": [[[0, 1]]]}', "Module index 0 is not below the number of"),
        (b'{"memoryMap": [], "stacks": [[[-1, %b]]]}' % (b"1" * 5_000), "Invalid JSON passed in"),
    ],
)
def test_a_refusal_says_what_was_wrong(symbols: Store, body: bytes, sentence: str) -> None:
    response = post(URL, body)
    status, message = error_of(response)
    assert status == 400
    assert message.startswith(sentence)
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("setting", "what"),
    [
        ("SYMBOLICATION_MAX_BODY_BYTES", "bytes"),
        ("SYMBOLICATION_MAX_JOBS", "jobs"),
        ("SYMBOLICATION_MAX_MODULES", "modules"),
        ("SYMBOLICATION_MAX_STACKS", "stacks"),
        ("SYMBOLICATION_MAX_FRAMES", "frames"),
    ],
)
def test_more_than_a_limit_is_413(
    symbols: Store, settings: Settings, setting: str, what: str
) -> None:
    setattr(settings, setting, 1)
    jobs = [one_job([XUL, LIBC], [[0, 1], [0, 2]], [])] * 2
    response = post(URL, {"jobs": jobs})
    status, sentence = error_of(response)
    assert status == 413
    assert f"{what}; at most 1 are allowed" in sentence
    assert response["Access-Control-Allow-Origin"] == "*"


def test_many_frames_with_long_names_are_413_before_they_are_written(
    symbols: Store, settings: Settings
) -> None:
    settings.SYMBOLICATION_MAX_ANSWER_BYTES = 1_000_000
    name = "f" * 10_000
    symbols.upload(XUL, XUL_TEXT + f"PUBLIC 900000 0 {name}\n".encode())
    assert post(URL, one_job([XUL], [[0, 0x900000]] * 90)).status_code == 200
    for url in (URL, "/symbolicate/v4"):
        request = {"version": 4} | one_job([XUL], [[0, 0x900000]] * 200)
        status, sentence = error_of(post(url, request))
        assert status == 413
        assert "at most 1,000,000 are allowed" in sentence


@pytest.mark.parametrize("url", [URL, "/symbolicate/v4"])
def test_a_large_answer_is_streamed_and_compressed_for_whom_takes_that(
    xul: Store, url: str
) -> None:
    stacks = [[[0, 0x1000 + place % 0x40] for place in range(1_000)]] * 150
    request = {"version": 4} | one_job([XUL, WNTDLL], *stacks, [[1, 5]])
    plain, packed = post(url, request), post(url, request, **{"Accept-Encoding": "gzip"})
    assert plain.streaming
    assert packed.streaming
    text = plain.getvalue()
    assert gzip.decompress(packed.getvalue()) == text
    small = {**request, "stacks": [stacks[0], [[1, 5]]]}
    answers = [json.loads(text), answer_of(post(url, small))]
    whole, part = (answer["results"][0] if url == URL else answer for answer in answers)
    key = "stacks" if url == URL else "symbolicatedStacks"
    assert whole[key] == part[key][:1] * 150 + part[key][1:]


def test_a_body_larger_than_django_takes_by_default_is_taken(xul: Store) -> None:
    stacks = [[[0, 0x1000]] * 1_000] * 300
    body = json.dumps(one_job([XUL], *stacks)).encode()
    assert len(body) > 3_000_000
    assert len(result(body)["stacks"]) == 300


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/x", ""]
)
def test_the_content_type_is_ignored(xul: Store, content_type: str) -> None:
    body = json.dumps(one_job([XUL], [[0, 0x1000]]))
    response = Client().post(URL, body, content_type=content_type)
    assert response.status_code == 200


def test_cookies_are_ignored_and_the_database_is_not_asked(xul: Store) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = client.cookies["csrftoken"] = "x" * 32
    body = json.dumps(one_job([XUL], [[0, 0x1000]]))
    # A query would fail this test, since no mark allows it.
    response = client.post(URL, body, content_type="application/json")
    assert response.status_code == 200
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


def test_any_origin_may_read_the_answer(xul: Store) -> None:
    response = post(URL, one_job([XUL], [[0, 0x1000]]), Origin="https://profiler.example")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_options_tells_what_any_origin_may_send(symbols: Store) -> None:
    response = Client().options(URL)
    assert (response.status_code, response.content) == (200, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response["Access-Control-Allow-Methods"]
    headers = response["Access-Control-Allow-Headers"].split(", ")
    assert {"content-type", "debug", "accept"} <= set(headers)


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_refused(symbols: Store, method: str) -> None:
    response = getattr(Client(), method)(URL)
    assert error_of(response) == (405, "Must use HTTP POST")
    assert response["Allow"] == "POST, OPTIONS"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_head_is_refused_too(symbols: Store) -> None:
    assert Client().head(URL).status_code == 405
