# SPDX-License-Identifier: MPL-2.0

"""Google Cloud Storage by the protocol of S3: what we send, and that other servers take the same.

Google's own service is the real part that is missing here.
"""

import gzip
from io import BytesIO

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from tests.support.proxy import HttpProxy
from tests.support.servers import S3

from tecken.core.storage import s3_client
from tecken.core.storage.base import Content
from tecken.core.storage.s3 import S3Bucket
from tecken.core.storage.s3_client import client, is_google
from tecken.core.storage.s3_options import S3Access, S3Options

KEY = "v1/xul.pdb/44E4/xul.sym"
PACKED = gzip.compress(b"MODULE" * 1000)
GOOGLE = "https://storage.googleapis.com"
ANSWER = {
    "ETag": '"abc"',
    "Last-Modified": "Sat, 28 Nov 2026 21:00:00 GMT",
    "Content-Encoding": "gzip",
    "Content-Length": str(len(PACKED)),
}


class _Raw(BytesIO):
    """What botocore reads a body from."""

    def stream(self, **_: object) -> list[bytes]:
        return [self.read()]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (GOOGLE, True),
        (f"{GOOGLE}:443", True),
        ("https://symbols.storage.googleapis.com", True),
        ("https://storage.googleapis.com.example.com", False),
        ("https://notstorage.googleapis.com", False),
        ("http://127.0.0.1:9000", False),
        (None, False),
    ],
)
def test_google_is_known_by_its_name(url: str | None, said: bool) -> None:
    assert is_google(url) is said


def test_objects_are_asked_for_as_they_are_stored_and_that_is_not_signed() -> None:
    options = S3Options("key", "secret", region="auto")
    access = S3Access("symbols", "auto", GOOGLE, public=False, options=options)
    sent: list[AWSPreparedRequest] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        sent.append(request)
        return AWSResponse(
            request.url, 200, ANSWER, _Raw(PACKED if request.method == "GET" else b"")
        )

    client(access, options.lookup).meta.events.register_last("before-send.s3", answer)
    bucket = S3Bucket(access)
    assert bucket.head(KEY).content.content_encoding == "gzip"
    with bucket.open(KEY) as reader:
        assert reader.read() == PACKED
    assert {request.headers["Accept-Encoding"] for request in sent} == {"gzip"}
    assert {request.url for request in sent} == {f"{GOOGLE}/symbols/{KEY}"}
    for request in sent:
        authorization = request.headers["Authorization"]
        text = authorization.decode() if isinstance(authorization, bytes) else authorization
        assert "/auto/s3/" in text
        assert "accept-encoding" not in text


def test_other_servers_take_the_same(
    s3: S3, s3_bucket: S3Bucket, s3_proxy: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_client, "is_google", lambda _: True)
    content = Content("text/plain", "gzip", {"original_size": "6000"})
    access = s3_bucket.access
    own = S3Options(access.options.access_key_id, access.options.secret_access_key, region="auto")
    bucket = S3Bucket(S3Access(access.bucket, "auto", s3_proxy.url, False, own))
    put = bucket.put(KEY, PACKED, content)
    assert bucket.head(KEY).content == content
    assert bucket.read_ranges(KEY, [(0, 2), (4, 9)], if_match=put.etag) == [
        PACKED[:2],
        PACKED[4:9],
    ]
    assert [info.key for info in bucket.list()] == [KEY]
    bucket.delete(KEY)
