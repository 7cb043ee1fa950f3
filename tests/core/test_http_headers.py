# SPDX-License-Identifier: MPL-2.0

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tecken.core.http_headers import (
    ByteRange,
    UnsatisfiableRangeError,
    accepts_gzip,
    byte_range,
    is_current,
)

MOMENT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-499", ByteRange(0, 500)),
        ("Bytes = 500-", ByteRange(500, 1000)),
        ("bytes=0-99999", ByteRange(0, 1000)),
        ("bytes=-1", ByteRange(999, 1000)),
        ("bytes=-5000", ByteRange(0, 1000)),
        ("bytes=999-999", ByteRange(999, 1000)),
    ],
)
def test_one_range(header: str, expected: ByteRange) -> None:
    assert byte_range(header, 1000) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=",
        "bytes=-",
        "lines=0-1",
        "bytes=0-1,5-6",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=٣-٤",
        f"bytes={'9' * 5000}-",
    ],
)
def test_what_is_not_one_range_is_ignored(header: str) -> None:
    assert byte_range(header, 1000) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_a_range_past_the_end_cannot_be_answered(header: str) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        byte_range(header, 1000)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1"])
def test_nothing_has_no_range(header: str) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        byte_range(header, 0)


def test_the_header_of_a_part() -> None:
    assert ByteRange(0, 500).content_range(1234) == "bytes 0-499/1234"


@pytest.mark.parametrize(
    "header", ["gzip", "deflate, GZIP;q=0.5", "*", "br;q=1.0, *;q=0.1", "x-gzip", "gzip; q=1"]
)
def test_gzip_is_accepted(header: str) -> None:
    assert accepts_gzip(header)


@pytest.mark.parametrize(
    "header", ["", "identity", "br", "gzip;q=0", "gzip;q=0.0, *", "*;q=0", "gzip;q=x"]
)
def test_gzip_is_not_accepted(header: str) -> None:
    assert not accepts_gzip(header)


NUMBERS = st.integers(-5, 10**25) | st.integers(0, 99)
DATES = st.builds(
    "{}, {:02} {} {:04} {:02}:{:02}:{:02} {}".format,
    st.sampled_from(["Tue", "Dienstag"]),
    NUMBERS,
    st.sampled_from(["Nov", "Nul"]),
    NUMBERS,
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.sampled_from(["GMT", "+0100", "-0000", "+99999999999999999999"]),
)


@given(st.text() | DATES | st.builds("bytes={}-{}".format, NUMBERS, NUMBERS))
def test_whatever_a_header_has_is_judged(header: str) -> None:
    assert not is_current(header, '"an etag that nobody sends"', MOMENT)
    accepts_gzip(header)
    with suppress(UnsatisfiableRangeError):
        byte_range(header, 1000)


@pytest.mark.parametrize(
    "date",
    [
        "Tue, 14 Nov 99999999999999999999 22:13:20 GMT",
        "Tue, 14 Nov 2023 99999999999999999999:13:20 GMT",
        "Tue, 14 Nov 2023 22:13:20 +99999999999999999999",
    ],
)
def test_a_date_of_very_large_numbers_is_another_version(date: str) -> None:
    assert not is_current(date, '"etag"', MOMENT)
