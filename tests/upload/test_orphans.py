# SPDX-License-Identifier: MPL-2.0

"""The daily sweep of buckets with many files: what it asks, and where it goes on.

``TECKEN_TEST_SWEPT_FILES=20000`` makes them as many; writing them takes longer than sweeping them.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pytest_django.fixtures import Settings
from tests.support.proxy import HttpProxy
from tests.support.servers import S3

from tecken.core.errors import StorageUnavailableError
from tecken.core.storage import s3 as s3_bucket
from tecken.core.storage import sweeping
from tecken.core.storage.base import Content
from tecken.core.storage.s3_options import S3Options
from tecken.core.storage.sources import Source, open_source
from tecken.upload import orphans
from tecken.upload.models import FileUpload, SweepCursor
from tecken.web.sources import upload_source

COUNT = int(os.environ.get("TECKEN_TEST_SWEPT_FILES", "110"))
# So many are listed, and half as many swept, at a time: as in a bucket ten times as large, unless it is large.
PAGE = 1000 if COUNT > 1000 else 100
BODY = b"MODULE\n"

pytestmark = pytest.mark.django_db


def object_id(number: int) -> str:
    return f"{number:032x}"


def file_key(number: int) -> str:
    """Names of one beginning, whose order depends on who lists them, and names beyond ASCII."""
    name = ("lib{}.so", "lib{}.so.1", "lib{}-a", "日{}")[number % 4].format(number // 4)
    return f"{name}/ABC{number:X}/{name}.sym"


def index_key(number: int, made: str | None = None) -> str:
    return f"v1/.index/{file_key(number)}/{made or object_id(number)}"


@pytest.fixture(autouse=True)
def any_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "_ORPHAN_SECONDS", -60)  # nobody can wait for six hours


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have few in a page of a listing, whose length is the server's choice, and in a portion of the sweep."""
    list_page = s3_bucket._list_page

    def list_short_page(*asked: Any) -> Any:
        events = asked[-1].meta.events
        events.register(
            "before-parameter-build.s3.ListObjectsV2",
            lambda params, **_: params.update(MaxKeys=PAGE),
            unique_id="short pages",
        )
        return list_page(*asked)

    monkeypatch.setattr(s3_bucket, "_list_page", list_short_page)
    monkeypatch.setattr(sweeping, "_FOLDERS_AT_ONCE", PAGE // 2)


@pytest.fixture(scope="module", params=["folder", "s3"])
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Source, S3 | None]:
    """Many files with their indexes, written once: it takes longer than all that is tested with them."""
    s3, url, options = None, tmp_path_factory.mktemp("swept").as_uri(), S3Options()
    if request.param == "s3":
        s3 = request.getfixturevalue("s3")
        url = f"{s3.endpoint}/{request.getfixturevalue('make_bucket')()}"
        options = S3Options(s3.access_key, s3.secret_key)
    source = open_source(url, "v1", options)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(partial(write, source), range(COUNT)))
    return source, s3


def write(source: Source, number: int) -> None:
    content = Content(metadata={"object_id": object_id(number)})
    source.bucket.put(index_key(number), b"index", Content())
    source.bucket.put(f"v1/{file_key(number)}", BODY, content)


@pytest.fixture
def filled(
    written: tuple[Source, S3 | None], request: pytest.FixtureRequest, settings: Settings
) -> Iterator[Source]:
    """Where uploads go, with many files and their rows; asked through the proxy if it is a server."""
    direct, s3 = written
    url = direct.url
    if s3 is not None:
        proxy: HttpProxy = request.getfixturevalue("s3_proxy")
        settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key)
        url = f"{proxy.url}/{direct.bucket.name}"
    settings.SYMBOL_URLS = (url,)
    settings.UPLOAD_DEFAULT_URL = settings.UPLOAD_TRY_SYMBOLS_URL = url
    settings.UPLOAD_URL_EXCEPTIONS = {}
    source = upload_source(try_symbols=False)
    FileUpload.objects.bulk_create(row(source, number) for number in range(COUNT))
    yield source
    for number in (1, COUNT // 3, COUNT - 2):  # as if there never were orphans
        write(direct, number)
    direct.bucket.delete(index_key(COUNT // 2, "f" * 32))


def row(source: Source, number: int) -> FileUpload:
    return FileUpload(
        bucket_name=source.bucket.name,
        key=f"v1/{file_key(number)}",
        update=False,
        compressed=True,
        size=len(BODY),
        original_size=len(BODY),
        debug_file="a",
        debug_id="A",
        completed_at=datetime.now(UTC),
    )


def leave_orphans(source: Source) -> int:
    """Leave indexes that nothing names, in each way; return how many."""
    bucket = source.bucket
    bucket.delete(f"v1/{file_key(1)}")
    bucket.delete(f"v1/{file_key(COUNT - 2)}")
    bucket.put(index_key(COUNT // 2, "f" * 32), b"left by who was killed", Content())
    bucket.put(f"v1/{file_key(COUNT // 3)}", b"replaced by hand", Content())
    return 4


def indexes(source: Source) -> int:
    return sum(1 for _ in source.bucket.list("v1/.index/"))


def questions(request: pytest.FixtureRequest, method: str) -> list[str]:
    proxy: HttpProxy = request.getfixturevalue("s3_proxy")
    return [unquote(asked.path) for asked in proxy.requests if asked.method == method]


def test_only_suspects_are_asked_for(filled: Source, request: pytest.FixtureRequest) -> None:
    suspects = leave_orphans(filled)
    if filled.remote:
        request.getfixturevalue("s3_proxy").clear()
    swept = orphans.sweep_orphaned_indexes()
    if filled.remote:
        # A key that is not there makes us ask for the bucket, too.
        assert suspects <= len(questions(request, "HEAD")) <= 2 * suspects
        assert len(questions(request, "GET")) <= 2 * (COUNT // PAGE + 2)
        assert swept == suspects
    assert indexes(filled) == COUNT - 3
    assert SweepCursor.objects.get(source=filled.name).key == ""


def test_a_sweep_that_ran_out_of_time_goes_on_the_next_time(
    filled: Source, request: pytest.FixtureRequest
) -> None:
    leave_orphans(filled)
    ended = []
    while not ended or ended[-1]:
        if filled.remote:
            request.getfixturevalue("s3_proxy").clear()
        orphans.sweep_orphaned_indexes(max_seconds=0)
        if filled.remote and ended:
            asked = questions(request, "GET")
            assert any(f"start-after={ended[-1]}" in path for path in asked)
            assert not any("start-after=&" in path for path in asked)
        ended.append(SweepCursor.objects.get(source=filled.name).key)
    assert len(ended) == len(set(ended)) == -(-COUNT // (PAGE // 2)) + 1
    assert indexes(filled) == COUNT - 3


def test_files_that_no_row_tells_of_are_asked_for(
    filled: Source, request: pytest.FixtureRequest
) -> None:
    FileUpload.objects.filter(key=f"v1/{file_key(5)}").delete()
    if filled.remote:
        request.getfixturevalue("s3_proxy").clear()
    assert orphans.sweep_orphaned_indexes() == 0
    if filled.remote:
        assert len(questions(request, "HEAD")) == 1
    assert indexes(filled) == COUNT


def test_a_bucket_that_is_away_keeps_nobody_from_the_others(
    settings: Settings, tmp_path: Path
) -> None:
    settings.SYMBOL_URLS = (tmp_path.as_uri(),)
    settings.UPLOAD_DEFAULT_URL = (tmp_path / "gone").as_uri()
    settings.UPLOAD_TRY_SYMBOLS_URL = tmp_path.as_uri()
    settings.UPLOAD_URL_EXCEPTIONS = {}
    upload_source(try_symbols=True).bucket.put(index_key(1), b"index", Content())
    with pytest.raises(StorageUnavailableError):
        orphans.sweep_orphaned_indexes()
    assert not (tmp_path / index_key(1)).exists()
