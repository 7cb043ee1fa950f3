# SPDX-License-Identifier: MPL-2.0

"""What is refused, headers and methods: the HTTP side of v5."""

import gc
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.test import Client
from pytest_django import Settings
from tests.symbolication.conftest import (
    LIBC,
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

from tecken.core.concurrency.semaphores import WeightedSemaphore
from tecken.core.symbolicate import ModuleSymbols
from tecken.symbolication import admission

pytestmark = pytest.mark.one_form

URL = "/symbolicate/v5"
BUSY = "Too many: try again later"


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
    stacks = [[[0, 0x1000 + position % 0x40] for position in range(1_000)]] * 150
    request = {"version": 4} | one_job([XUL, WNTDLL], *stacks, [[1, 5]])
    plain = post(url, request)
    assert plain.streaming
    text = plain.getvalue()
    packed = post(url, request, **{"Accept-Encoding": "gzip"})
    assert packed.streaming
    assert gzip.decompress(packed.getvalue()) == text
    small = {**request, "stacks": [stacks[0], [[1, 5]]]}
    answers = [json.loads(text), answer_of(post(url, small))]
    whole, part = (answer["results"][0] if url == URL else answer for answer in answers)
    key = "stacks" if url == URL else "symbolicatedStacks"
    assert whole[key] == part[key][:1] * 150 + part[key][1:]


@pytest.mark.django_db  # closing an answer looks at the database's connections
@pytest.mark.parametrize("read", [True, False])
def test_only_so_many_frames_are_looked_up_or_sent_at_the_same_time(
    xul: Store, monkeypatch: pytest.MonkeyPatch, read: bool
) -> None:
    # The real limit is 100,000 frames, which are waited for.
    monkeypatch.setattr(admission, "_looked_up", WeightedSemaphore(100_000, 0, BUSY))
    large = one_job([XUL], *[[[0, 0x10_0000 + position] for position in range(60_000)]])
    first = post(URL, large)
    assert first.streaming
    refused = post(URL, large)
    assert error_of(refused) == (429, BUSY)
    assert refused["Retry-After"] == "5"
    assert post(URL, one_job([XUL], [[0, 0x1000]] * 1_000)).status_code == 200
    if read:
        assert len(first.getvalue()) > 4 * 1024 * 1024
    else:  # the client has gone, and the server closes what it was sending
        first.close()
    assert len(post(URL, large).getvalue()) > 4 * 1024 * 1024


@pytest.mark.django_db  # closing an answer looks at the database's connections
def test_while_a_very_large_answer_is_sent_only_others_of_its_size_are_refused(
    xul: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_looked_up", WeightedSemaphore(100_000, 0, BUSY))
    very_large = one_job([XUL], [[0, 0x10_0000 + position] for position in range(110_000)])
    large = one_job([XUL], [[0, 0x1000 + position] for position in range(50_000)])
    small = one_job([XUL], [[0, 0x1000 + position] for position in range(20)])
    sending = post(URL, very_large)
    assert sending.streaming
    assert [post(URL, request).status_code for request in (small, large, small)] == [200] * 3
    refused = post(URL, very_large)
    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    sending.close()
    assert post(URL, very_large).status_code == 200


class Watched(WeightedSemaphore):
    """Writes down how many modules' symbols are in memory when a weight is put down."""

    modules: list[int]

    @contextmanager
    def carrying(self, weight: int) -> Iterator[Callable[[int], None]]:
        with super().carrying(weight) as lighten:
            yield lighten
            self.modules.append(sum(isinstance(one, ModuleSymbols) for one in gc.get_objects()))


@pytest.mark.django_db  # closing an answer looks at the database's connections
@pytest.mark.parametrize("read", ["nothing", "some", "all"])
def test_what_was_looked_up_has_left_memory_when_others_may_take_its_room(
    xul: Store, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    watched = Watched(100_000, 0, BUSY)
    watched.modules = []
    monkeypatch.setattr(admission, "_looked_up", watched)
    large = one_job([XUL], *[[[0, 0x10_0000 + position] for position in range(60_000)]])
    response = post(URL, large)
    assert response.streaming
    chunks = iter(response)
    if read != "nothing":
        next(chunks)
    if read == "all":
        list(chunks)
    assert bool(watched.modules) == (read == "all")
    response.close()
    assert watched.modules == [0]


def test_while_a_large_body_is_read_others_are_refused_and_small_ones_served(
    xul: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = WeightedSemaphore(100_000, 0, BUSY)
    monkeypatch.setattr(admission, "_decoded", weights)
    small = one_job([XUL], *[[[0, 0x1000 + position] for position in range(1_000)]] * 2)
    large = json.dumps(small) + " " * 1_048_576
    many_values = one_job([XUL], *[[]] * 300_000)
    with weights.carrying(100_001), weights.carrying(100_000):
        for body in (large.encode(), many_values):
            refused = post(URL, body)
            assert error_of(refused) == (429, BUSY)
            assert refused["Retry-After"] == "5"
            assert refused["Access-Control-Allow-Origin"] == "*"
        # With as much as a small request can have beside its frames.
        modules = [[f"{number}.pdb", "A"] for number in range(4_999)]
        most = small | {"memoryMap": [XUL, *modules], "stacks": [*small["stacks"], *[[]] * 40_000]}
        for body in (small, most):
            assert post(URL, body).status_code == 200
    assert post(URL, large.encode()).status_code == 200
    assert error_of(post(URL, many_values))[0] == 413


def test_while_an_answer_is_sent_each_address_counts_once(
    xul: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_looked_up", WeightedSemaphore(100_000, 0, BUSY))
    large = one_job([XUL], *[[[0, 0x1000 + position % 0x40] for position in range(1_000)]] * 60)
    unread = [post(URL, large) for _ in range(3)]
    assert [answer.streaming for answer in unread] == [True] * 3


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
