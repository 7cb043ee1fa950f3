# SPDX-License-Identifier: MPL-2.0

"""Many keys of an S3 bucket at once: what the network may do meanwhile, and how many requests it takes."""

from collections.abc import Callable

import pytest
from tests.core.storage.conftest import PATIENCE, open_bucket
from tests.support.proxy import Fault, HttpProxy, Request
from tests.support.servers import S3

from tecken.core.errors import StorageUnavailableError
from tecken.core.storage.base import Content
from tecken.core.storage.s3 import S3Bucket

TEXT = Content("text/plain", "gzip", {"original_size": "12", "object_id": "9f86d0"})
KEYS = [f"v1/lib{number}.so/AB/lib{number}.sym" for number in range(200)]


@pytest.fixture(scope="module")
def half_filled(s3: S3, make_bucket: Callable[..., str]) -> S3Bucket:
    """A bucket that has every second of the keys, of all tests that only read it."""
    bucket = open_bucket(s3, make_bucket())
    for key in KEYS[::2]:
        bucket.put(key, b"abc", TEXT)
    return bucket


@pytest.fixture
def filled(half_filled: S3Bucket, s3: S3, s3_proxy: HttpProxy) -> S3Bucket:
    """The same bucket, asked through the proxy."""
    return open_bucket(s3, half_filled.name, endpoint=s3_proxy.url, patience=PATIENCE)


@pytest.fixture
def own(s3_bucket: S3Bucket, behind_proxy: S3Bucket) -> S3Bucket:
    """A bucket of the test's own that has some of the keys, asked through the proxy."""
    for key in KEYS[::10]:
        s3_bucket.put(key, b"abc", TEXT)
    return behind_proxy


def assert_all_are_told(bucket: S3Bucket) -> None:
    found = dict(bucket.heads(KEYS))
    assert [key for key, info in found.items() if info is not None] == KEYS[::2]
    assert all(info.content == TEXT for info in found.values() if info is not None)


def deletes_many(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("?delete")


def test_each_key_is_one_request(filled: S3Bucket, s3_proxy: HttpProxy) -> None:
    assert_all_are_told(filled)
    asked = [request.path for request in s3_proxy.requests if request.path.count("/") > 1]
    assert len(asked) == len(KEYS)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503, times=3),
        Fault(lose_answer=True, times=3),
        # Once: the SDK rightly believes a server that refuses its own question, too.
        Fault(drop_headers=("authorization",), times=1),
    ],
    ids=["busy", "cut", "refused"],
)
def test_what_is_unusual_is_asked_again(
    filled: S3Bucket, s3_proxy: HttpProxy, fault: Fault
) -> None:
    s3_proxy.add(fault)
    assert_all_are_told(filled)


def test_a_server_that_is_away_is_no_empty_bucket(filled: S3Bucket, s3_proxy: HttpProxy) -> None:
    s3_proxy.add(Fault(status=503))
    with pytest.raises(StorageUnavailableError):
        list(filled.heads(KEYS))


def test_a_bucket_that_is_not_there_is_not_an_empty_one(s3: S3) -> None:
    with pytest.raises(StorageUnavailableError, match="the bucket does not exist"):
        list(open_bucket(s3, "no-such-bucket").heads(KEYS))


def test_objects_are_deleted_by_one_request(own: S3Bucket, s3_proxy: HttpProxy) -> None:
    own.delete_all(KEYS)
    assert [deletes_many(request) for request in s3_proxy.requests] == [True]
    assert list(own.list()) == []


def test_a_server_that_knows_no_such_request_deletes_them_one_by_one(
    own: S3Bucket, s3_proxy: HttpProxy
) -> None:
    s3_proxy.add(Fault(status=501, when=deletes_many))
    own.delete_all(KEYS[:10])
    own.delete_all(KEYS[10:])
    assert sum(map(deletes_many, s3_proxy.requests)) == 1
    assert list(own.list()) == []


def test_one_that_is_busy_is_asked_again(own: S3Bucket, s3_proxy: HttpProxy) -> None:
    s3_proxy.add(Fault(status=503, times=1))
    own.delete_all(KEYS)
    assert list(own.list()) == []
