# SPDX-License-Identifier: MPL-2.0

"""A bucket of the test's own, and people by role."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings
from tests.support.proxy import HttpProxy
from tests.support.servers import S3
from tests.upload.chunks import Cli
from tests.upload.examples import Members, Post, make_token, zipped

from tecken.core.storage.s3_options import S3Options, TimeOuts
from tecken.symbolication.services import supplier
from tecken.upload.deriving import turns
from tecken.upload.reading import deriving_pool, process_pool


@pytest.fixture
def bucket(tmp_path: Path, settings: Settings) -> Path:
    """The folder of the bucket that regular and try symbols go to."""
    folder = tmp_path / "symbols"
    folder.mkdir()
    settings.SYMBOL_URLS = (folder.as_uri(),)
    settings.UPLOAD_DEFAULT_URL = folder.as_uri()
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{folder.as_uri()}?prefix=try"
    return folder


@pytest.fixture
def s3_bucket(bucket: Path, settings: Settings, s3: S3, make_bucket: Callable[..., str]) -> str:
    """The name of a bucket on a server that all symbols go to instead."""
    name = make_bucket()
    _store_at(settings, s3, f"{s3.endpoint}/{name}")
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{s3.endpoint}/{name}/try"
    return name


@pytest.fixture
def proxied_s3_bucket(
    bucket: Path, settings: Settings, s3: S3, s3_proxy: HttpProxy, make_bucket: Callable[..., str]
) -> str:
    """The name of one that regular symbols go to, through the proxy."""
    name = make_bucket()
    _store_at(settings, s3, f"{s3_proxy.url}/{name}")
    return name


def _store_at(settings: Settings, s3: S3, url: str) -> None:
    patience = TimeOuts(5, 5)
    settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key, lookup=patience, put=patience)
    settings.SYMBOL_URLS = (url,)
    settings.UPLOAD_DEFAULT_URL = url


@pytest.fixture(autouse=True)
def _own_supplier() -> Iterator[None]:
    """Leave nobody a supplier with the buckets of this test, whose server may have ended."""
    yield
    supplier.cache_clear()


@pytest.fixture(autouse=True)
def _not_in_spare_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give worker processes a share: beside other tests there is no time that nobody wants."""
    for pool in (process_pool(), deriving_pool()):
        monkeypatch.setattr(pool, "_busy_until", math.inf)


@pytest.fixture
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait for a turn to derive symbols that others have."""
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.01)


@pytest.fixture
def uploader(db: None) -> str:
    return make_token("upload_symbols", email="uploader@example.com")


@pytest.fixture
def try_uploader(db: None) -> str:
    return make_token("upload_try_symbols", email="try-uploader@example.com")


@pytest.fixture
def auditor(db: None) -> str:
    return make_token("view_all_uploads", email="auditor@example.com")


@pytest.fixture
def stranger(db: None) -> str:
    return make_token(email="stranger@example.com")


@pytest.fixture
def post(client: Client, bucket: Path) -> Post:
    """Post an archive, or members to be zipped, as curl does with ``--form name=@file``."""

    def post(
        archive: bytes | Members,
        token: str,
        *,
        field: str = "symbols.zip",
        file_name: str = "symbols.zip",
        **form: str,
    ) -> HttpResponse:
        data = archive if isinstance(archive, bytes) else zipped(archive)
        file = SimpleUploadedFile(file_name, data)
        return client.post("/upload/", {**form, field: file}, headers={"Auth-Token": token})

    return post


@pytest.fixture
def cli(client: Client, bucket: Path, uploader: str) -> Cli:
    """A client like sentry-cli."""
    return Cli(client, uploader)
