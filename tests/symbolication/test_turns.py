# SPDX-License-Identifier: MPL-2.0

"""Large requests compute in turns, and small ones beside them."""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDoneError

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.symbolication.conftest import XUL, XUL_TEXT, Store

from tecken.symbolication.limits import SMALL_FRAMES
from tecken.web.compute_turns import turn_to_compute

pytestmark = pytest.mark.both_forms

# To be sure that something waits one has to wait, too.
_WAITS_SECONDS = 0.3


def ask(frames: int) -> HttpResponse:
    body = {"memoryMap": [XUL], "stacks": [[[0, 0x1000]] * frames]}
    return Client().post("/symbolicate/v5", json.dumps(body), content_type="application/json")


def functions(response: HttpResponse) -> list[str]:
    [result] = json.loads(b"".join(response))["results"]
    return [frame.get("function") for frame in result["stacks"][0]]


@pytest.fixture
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2)


def test_a_large_request_waits_for_its_turn_and_a_small_one_does_not(
    symbols: Store, pool: ThreadPoolExecutor
) -> None:
    symbols.upload(XUL, XUL_TEXT)
    with pool:
        with turn_to_compute():
            large: Future[HttpResponse] = pool.submit(ask, SMALL_FRAMES + 1)
            small = pool.submit(ask, SMALL_FRAMES)
            assert functions(small.result(30)) == ["XREMain::XRE_mainRun()"] * SMALL_FRAMES
            with pytest.raises(NotDoneError):
                large.result(_WAITS_SECONDS)
        assert len(functions(large.result(30))) == SMALL_FRAMES + 1


def test_a_large_request_that_fails_leaves_its_turn_to_others(symbols: Store, settings) -> None:
    symbols.upload(XUL, XUL_TEXT)
    settings.SYMBOLICATION_MAX_ANSWER_BYTES = 100_000
    assert ask(SMALL_FRAMES + 1).status_code == 413
    with turn_to_compute():
        pass
