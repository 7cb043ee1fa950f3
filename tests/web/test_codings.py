# SPDX-License-Identifier: MPL-2.0
"""Bodies that are compressed: read where that is said, refused everywhere else."""

import gzip
import json
import zlib
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from pytest_django.fixtures import Settings

from tecken.symbolication.admission import _decoded
from tecken.symbolication.services import limits

JOB = {"memoryMap": [["xul.pdb", "44E4"]], "stacks": [[[0, 16]]], "version": 4}
BODY = json.dumps(JOB).encode()
PACKED = gzip.compress(BODY, mtime=0)


@pytest.fixture(autouse=True)
def _bucket(tmp_path: Path, settings: Settings) -> None:
    settings.SYMBOL_URLS = (tmp_path.as_uri(),)


def post(client: Client, path: str, body: bytes, coding: str = "gzip") -> HttpResponse:
    headers = {"Content-Encoding": coding}
    return client.post(path, body, content_type="application/json", headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/symbolicate/v5", "/symbolicate/v4", "/"])
@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "identity, gzip"])
def test_a_body_in_gzip_is_read(client: Client, path: str, coding: str) -> None:
    plain = client.post(path, BODY, content_type="application/json")
    packed = post(client, path, PACKED, coding)
    assert (packed.status_code, packed.content) == (200, plain.content)


@pytest.mark.django_db
def test_several_members_are_one_body(client: Client) -> None:
    body = gzip.compress(BODY[:20], mtime=0) + gzip.compress(b"") + gzip.compress(BODY[20:])
    assert post(client, "/symbolicate/v5", body).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY,
        PACKED[:-1],
        PACKED[:12],
        PACKED + b"x",
        PACKED[:-8] + b"12345678",
        zlib.compress(BODY),
        gzip.compress(b"", mtime=0) * 1001,
    ],
)
def test_damaged_gzip_is_a_bad_request(client: Client, body: bytes) -> None:
    answer = post(client, "/symbolicate/v5", body)
    assert answer.status_code == 400
    assert "gzip" in answer.json()["error"]
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "aws-chunked"])
def test_other_codings_are_refused(client: Client, coding: str) -> None:
    answer = post(client, "/symbolicate/v5", PACKED, coding)
    assert answer.status_code == 415
    assert answer.json()["error"] == (
        f"Content-Encoding '{coding}' cannot be read: only gzip is taken here"
    )
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/upload/", "/upload/auth_info/", "/api/tokens/"])
def test_elsewhere_a_compressed_body_is_refused(client: Client, method: str, path: str) -> None:
    headers = {"Content-Encoding": "gzip"}
    answer = client.generic(method, path, PACKED, "application/json", headers=headers)
    assert answer.status_code == 415
    assert answer.json()["error"] == (
        "Content-Encoding 'gzip' cannot be read: no compressed body is taken here"
    )


def test_an_unknown_address_stays_unknown(client: Client) -> None:
    assert post(client, "/no/such/address/at/all", PACKED).status_code == 404


@pytest.mark.django_db
def test_identity_is_no_coding(client: Client) -> None:
    assert post(client, "/symbolicate/v5", BODY, "identity").status_code == 200
    assert post(client, "/upload/auth_info/", b"", "identity").status_code == 403


@pytest.mark.parametrize("size", [2_000, 1_500_000])
def test_what_counts_is_what_is_inflated(client: Client, size: int) -> None:
    """A body of a few kilobytes that becomes more than is allowed, and is not inflated any further."""
    body = gzip.compress(b" " * 20 * size, mtime=0)
    assert len(body) < size
    limits.cache_clear()
    try:
        with override_settings(SYMBOLICATION_MAX_BODY_BYTES=size):
            answer = post(client, "/symbolicate/v5", body)
    finally:
        limits.cache_clear()
    assert answer.status_code == 413
    assert answer.json()["error"] == (
        f"The request has {size + 1:,} bytes; at most {size:,} are allowed"
    )


@pytest.mark.django_db
def test_a_body_that_is_small_inflated_never_waits(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that becomes large waits for its turn, however small it is as it comes."""
    monkeypatch.setattr(_decoded, "_patience_seconds", 0.01)  # as the test should not wait as well
    large = gzip.compress(BODY[:-1] + b" " * 2 * 1024 * 1024 + b"}", mtime=0)
    with _decoded.carrying(_decoded.most + 1):
        assert post(client, "/symbolicate/v5", PACKED).status_code == 200
        assert post(client, "/symbolicate/v5", large).status_code == 429
    assert post(client, "/symbolicate/v5", large).status_code == 200
