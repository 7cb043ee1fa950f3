# SPDX-License-Identifier: MPL-2.0

"""Large JSON answers, compressed and streamed."""

import gzip
import os
import weakref
from collections.abc import Iterable, Iterator

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from tecken.web.json_stream import (
    MIN_COMPRESSED_BYTES,
    MIN_STREAMED_BYTES,
    Chunks,
    stream_json,
)

# Who closes an answer closes what it left of the database.
pytestmark = [pytest.mark.django_db, pytest.mark.one_form]


def answer(accepted: str, about_bytes: int, chunks: Iterable[Chunks]) -> HttpResponseBase:
    request = RequestFactory().post("/", headers={"Accept-Encoding": accepted})
    return stream_json(request, chunks, about_bytes)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0, br"])
def test_a_client_that_takes_no_gzip_gets_the_text(accepted: str) -> None:
    response = answer(accepted, MIN_COMPRESSED_BYTES, iter([[b"["], [b"1", b"]"]]))
    assert isinstance(response, HttpResponse)
    assert response.content == b"[1]"
    assert not response.has_header("Content-Encoding")
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "*"])
def test_a_client_that_takes_gzip_gets_it_when_the_answer_is_no_small_one(accepted: str) -> None:
    text = b"[" + b"1," * 10_000 + b"1]"
    response = answer(accepted, len(text), iter([[text[:7], text[7:]]]))
    assert response["Content-Encoding"] == "gzip"
    assert isinstance(response, HttpResponse)
    assert len(response.content) < len(text) / 10
    assert gzip.decompress(response.content) == text
    small = answer(accepted, MIN_COMPRESSED_BYTES - 1, iter([[b"[1]"]]))
    assert isinstance(small, HttpResponse)
    assert small.content == b"[1]"
    assert (small["Vary"], response["Vary"]) == ("Accept-Encoding", "Accept-Encoding")


@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_a_large_answer_is_written_chunk_by_chunk(accepted: str) -> None:
    written = 0

    def chunks() -> Iterator[list[bytes]]:
        nonlocal written
        for _ in range(100):
            written += 1
            yield [b"0123456789"] * 10_000

    response = answer(accepted, MIN_STREAMED_BYTES, chunks())
    assert isinstance(response, StreamingHttpResponse)
    assert written == 0
    chunks = iter(response)
    first = next(chunks)
    assert 0 < written <= 100
    sent = first + b"".join(chunks)
    assert (gzip.decompress(sent) if accepted else sent) == b"0123456789" * 1_000_000
    assert not response.has_header("Content-Length")
    response.close()


class Waiting(list[bytes]):
    """Chunks that wait until more have come."""


@pytest.mark.parametrize("accepted", ["", "gzip"])
@pytest.mark.parametrize("begun", [True, False])
def test_an_answer_that_is_closed_drops_what_waits_and_then_closes_its_chunks(
    accepted: str, begun: bool
) -> None:
    kept: list[weakref.ref[Waiting]] = []
    alive_at_close = []

    class Source:
        def __iter__(self) -> "Source":
            return self

        def __next__(self) -> Waiting:
            some = Waiting([os.urandom(100_000)])
            kept.append(weakref.ref(some))
            return some

        def close(self) -> None:
            alive_at_close.append([some() for some in kept if some() is not None])

    response = answer(accepted, MIN_STREAMED_BYTES, Source())
    if begun:
        assert isinstance(response, StreamingHttpResponse)
        next(iter(response))
        assert kept
    response.close()
    assert alive_at_close == [[]]
