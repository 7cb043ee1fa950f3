# SPDX-License-Identifier: MPL-2.0

"""The debug block, and the times in a header."""

import gzip

import pytest
from tests.symbolication.conftest import (
    LIBC,
    LIBC_TEXT,
    WNTDLL,
    XUL,
    XUL_TEXT,
    Store,
    answer_of,
    one_job,
    post,
    result,
)

from tecken.symbolication import services

pytestmark = pytest.mark.both_forms

URL = "/symbolicate/v5"


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
