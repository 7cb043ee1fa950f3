# SPDX-License-Identifier: MPL-2.0

"""One bucket of every kind, for the contract that holds for all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.proxy import HttpProxy
from tests.support.servers import S3

from tecken.core.storage.base import Bucket
from tecken.core.storage.filesystem import FolderBucket
from tecken.core.storage.memory import MemoryBucket
from tecken.core.storage.s3 import S3Bucket
from tecken.core.storage.s3_options import S3Access, S3Options, TimeOuts

KINDS = ("folder", "memory", "s3")
PATIENCE = TimeOuts(30, 30)  # that a busy machine keeps


@pytest.fixture(params=KINDS)
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Bucket:
    if request.param == "s3":
        made: S3Bucket = request.getfixturevalue("s3_bucket")
        return made
    if request.param == "memory":
        return MemoryBucket("symbols")
    folder = tmp_path / "symbols"
    folder.mkdir()
    return FolderBucket(folder)


@pytest.fixture
def s3_bucket(s3: S3, make_bucket: Callable[..., str]) -> S3Bucket:
    """An empty bucket of the test's own."""
    return open_bucket(s3, make_bucket())


@pytest.fixture
def behind_proxy(s3: S3, s3_bucket: S3Bucket, s3_proxy: HttpProxy) -> S3Bucket:
    """The same bucket, asked through the proxy."""
    return open_bucket(s3, s3_bucket.name, endpoint=s3_proxy.url, patience=PATIENCE)


@pytest.fixture
def impatient(s3: S3, s3_bucket: S3Bucket, s3_proxy: HttpProxy) -> S3Bucket:
    """The same bucket, asked through the proxy, with short time-outs."""
    return open_bucket(s3, s3_bucket.name, endpoint=s3_proxy.url, patience=TimeOuts(1, 0.3))


def open_bucket(
    s3: S3,
    name: str,
    *,
    endpoint: str | None = None,
    public: bool = False,
    access_key: str | None = None,
    patience: TimeOuts | None = None,
) -> S3Bucket:
    """Open a bucket of the test server in one way or another."""
    usual = S3Options()
    options = S3Options(
        access_key or s3.access_key,
        s3.secret_key,
        lookup=patience or usual.lookup,
        put=patience or usual.put,
    )
    return S3Bucket(S3Access(name, "us-east-1", endpoint or s3.endpoint, public, options))
