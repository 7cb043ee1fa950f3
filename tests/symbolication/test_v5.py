# SPDX-License-Identifier: MPL-2.0

import gzip
import json
import shutil

import pytest
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
    result,
)

from tecken.core.symbols import index as index_module
from tecken.symbolication import services

pytestmark = pytest.mark.both_forms

URL = "/symbolicate/v5"
NOT_FOUND = [{"name": "not_found", "message": "no source has a symbol file of this module"}]


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
        (gzip.compress(b"", mtime=0), "there is no FUNC and no PUBLIC record"),
        (b"MODULE windows x86_64 ABC xul.pdb\nFILE 0 a.c\n", "there is no FUNC and no PUBLIC"),
        (b"\x1f\x8b is not gzip", "damaged gzip data"),
        (gzip.compress(XUL_TEXT, mtime=0)[:-9], "the gzip data ends too early"),
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


def test_code_file_and_code_id_of_found_modules_are_told(xul: Store) -> None:
    text = XUL_TEXT.partition(b"\n")
    head = b"INFO CODE_ID 5cf2591c6859000 xul.dll\n"
    xul.upload(XUL, text[0] + text[1] + head + text[2])
    request = one_job([XUL, WNTDLL], [[0, 0x1018], [1, 0x10]])
    expected = {"/".join(XUL): {"code_file": "xul.dll", "code_id": "5CF2591C6859000"}}
    assert result(request)["module_info"] == expected
    assert result(request)["module_info"] == expected  # also when nothing is read for it


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (b"INFO CODE_ID 2B3F1C5A8E9D6047", {"code_id": "2B3F1C5A8E9D6047"}),
        (b"INFO CODE_ID no-id xul.dll", {"code_file": "xul.dll"}),
        (b"INFO CODE_ID AB a/b.dll", {"code_id": "AB"}),
        (b"INFO CODE_ID AB " + b"x" * 10_000, {"code_id": "AB"}),
        (b"INFO CODE_ID no-id", None),
        (b"INFO GENERATOR mozilla/dump_syms", None),
    ],
)
def test_only_what_can_be_a_name_or_an_id_is_told(
    xul: Store, record: bytes, expected: dict | None
) -> None:
    first, end, rest = XUL_TEXT.partition(b"\n")
    xul.upload(XUL, first + end + record + end + rest)
    info = result(one_job([XUL], [[0, 0x1018]])).get("module_info")
    assert info == (expected and {"/".join(XUL): expected})


@pytest.mark.parametrize(
    ("head", "native"),
    [
        (
            f"MODULE windows x86_64 {XUL[1]} {XUL[0]}",
            f"/unified/{XUL[1][:2]}/{XUL[1][2:]}/".lower(),
        ),
        (f"MODULE mac arm64 {XUL[1]} {XUL[0]}", "/unified/49/7b72/"),
        (f"MODULE Linux x86_64 {XUL[1]} {XUL[0]}", "/buildid/497b72/"),
    ],
)
def test_a_module_of_derived_symbols_links_to_its_native_files(
    xul: Store, head: str, native: str
) -> None:
    lines = [head, "INFO CODE_ID 497B72", "INFO GENERATOR tecken", "FUNC 1000 50 0 f", ""]
    xul.upload(XUL, "\n".join(lines).encode())
    info = result(one_job([XUL], [[0, 0x1018]]))["module_info"]["/".join(XUL)]
    assert info["native_files"] == {role: native + role for role in ("debuginfo", "executable")}


def test_a_module_without_a_name_reads_unknown(xul: Store) -> None:
    [frame] = frames(one_job([["", ""]], [[0, 0x10]]))
    assert frame == {"frame": 0, "module_offset": "0x10", "module": "<unknown>"}
