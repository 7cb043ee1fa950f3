# SPDX-License-Identifier: MPL-2.0

import json
import shutil

import pytest
from django.test import Client
from tests.symbolication.conftest import (
    LIBC,
    WNTDLL,
    XUL,
    Store,
    answer_of,
    error_of,
    one_job,
    post,
)

pytestmark = pytest.mark.both_forms

URL = "/symbolicate/v4"


def v4(modules: list[list[str]], *stacks: list[list[object]]) -> dict[str, object]:
    return {"version": 4} | one_job(modules, *stacks)


def test_frames_are_strings_and_modules_known_or_not(xul: Store) -> None:
    request = v4([XUL, WNTDLL, LIBC], [[0, 0x1018], [1, 65802], [-1, 0x2A]], [], [[0, 1]])
    assert answer_of(post(URL, request)) == {
        "symbolicatedStacks": [
            [
                "XREMain::XRE_mainRun() (in xul.pdb)",
                "0x1010a (in wntdll.pdb)",
                "0x2a (in <unknown>)",
            ],
            [],
            ["0x1 (in xul.pdb)"],
        ],
        "knownModules": [True, False, None],
    }


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("1.00000", "1.00000"),
        ('"text"', "text"),
        ("-1", "-0x1 (in xul.pdb)"),
        ("18446744073709551616", "0x10000000000000000 (in xul.pdb)"),
    ],
)
def test_an_offset_that_cannot_be_an_address_is_given_back(
    xul: Store, sent: str, answered: str
) -> None:
    body = b'{"version": 4, "memoryMap": [%b], "stacks": [[[0, %b]]]}'
    answer = answer_of(post(URL, body % (json.dumps(XUL).encode(), sent.encode())))
    assert answer == {"symbolicatedStacks": [[answered]], "knownModules": [None]}


def test_a_text_in_no_module_is_given_back_too(symbols: Store) -> None:
    answer = answer_of(post(URL, v4([], [[-1, 1.5]])))
    assert answer["symbolicatedStacks"] == [["1.5"]]


def test_debug_adds_a_block_at_the_top(xul: Store) -> None:
    answer = answer_of(post(URL, v4([XUL, WNTDLL], [[0, 0x1000], [-1, 5]]), Debug="1"))
    block = answer["debug"]
    assert block["stacks"] == {"count": 2, "real": 1}
    assert block["modules"] == {"count": 1, "stacks_per_module": {"/".join(XUL): 1}}
    assert block["downloads"]["count"] == 1
    assert block["cache_lookups"].keys() == block["downloads"].keys() == {"count", "size", "time"}
    assert "debug" not in answer_of(post(URL, v4([])))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "Invalid JSON passed in"),
        (b"[]", "Not a dict"),
        (b"{}", "Expect version==4"),
        (b'{"version": 5, "memoryMap": [], "stacks": []}', "Expect version==4"),
        (b'{"version": 4}', "Missing key in JSON ('memoryMap')"),
        (b'{"version": 4, "memoryMap": []}', "Missing key in JSON ('stacks')"),
        (b'{"version": 4, "memoryMap": [], "stacks": [[0]]}', "Must be a list of lists"),
        (b'{"version": 4, "memoryMap": [], "stacks": [[[0, 1]]]}', "Module index 0 is not below"),
    ],
)
def test_a_refusal_says_what_was_wrong(symbols: Store, body: bytes, sentence: str) -> None:
    response = post(URL, body)
    status, message = error_of(response)
    assert status == 400
    assert message.startswith(sentence)
    assert response["Access-Control-Allow-Origin"] == "*"


def test_jobs_are_not_v4(xul: Store) -> None:
    request = {"version": 4, "jobs": [one_job([XUL])]}
    assert error_of(post(URL, request))[0] == 400


def test_when_a_bucket_has_vanished_the_client_is_told_to_come_again(xul: Store) -> None:
    shutil.rmtree(xul.first.bucket.folder)
    response = post(URL, v4([XUL], [[0, 0x1000]]))
    assert response.status_code == 503
    assert "Retry-After" in response
    assert answer_of(response)["module_errors"].keys() == {"/".join(XUL)}


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_methods_are_refused(symbols: Store, method: str) -> None:
    response = getattr(Client(), method)(URL)
    assert error_of(response) == (405, "Must use HTTP POST")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_options_tells_what_any_origin_may_send(symbols: Store) -> None:
    response = Client().options(URL)
    assert (response.status_code, response.content) == (200, b"")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_module_without_a_name_reads_unknown(xul: Store) -> None:
    answer = answer_of(post(URL, v4([["", ""]], [[0, 0x10]])))
    assert answer["symbolicatedStacks"] == [["0x10 (in <unknown>)"]]
