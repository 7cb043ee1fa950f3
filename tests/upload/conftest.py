# SPDX-License-Identifier: MPL-2.0

"""A bucket of the test's own, and people by role."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings
from tests.upload.chunks import Cli
from tests.upload.examples import Members, Post, make_token, zipped

from tecken.symbolication.services import supplier
from tecken.upload import deriving_limits


@pytest.fixture
def bucket(tmp_path: Path, settings: Settings) -> Path:
    """The folder of the bucket that regular and try symbols go to."""
    folder = tmp_path / "symbols"
    folder.mkdir()
    settings.SYMBOL_URLS = (folder.as_uri(),)
    settings.UPLOAD_DEFAULT_URL = folder.as_uri()
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{folder.as_uri()}?prefix=try"
    return folder


@pytest.fixture(autouse=True)
def _own_supplier() -> Iterator[None]:
    """Leave nobody a supplier with the buckets of this test, whose server may have ended."""
    yield
    supplier.cache_clear()


@pytest.fixture
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait for a turn to derive symbols that others have."""
    monkeypatch.setattr(deriving_limits, "TURN_SECONDS", 0.01)


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
