# SPDX-License-Identifier: MPL-2.0

"""``POST /upload/`` with a URL: the archive is fetched, and then it is an upload like any other."""

import gzip
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from threading import Event

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings
from tests.support.scripted_server import Answer, ScriptedServer
from tests.upload.examples import NAME, TEXT, Post, objects, zipped

from tecken.upload.by_url import fetch_archive
from tecken.upload.models import Upload
from tecken.upload.spool import new_spool

GOOD = zipped({NAME: TEXT})

PostUrl = Callable[..., HttpResponse]


@pytest.fixture
def web(settings: Settings) -> Iterator[ScriptedServer]:
    """A server that has an archive; it is on loopback, so the rules are lifted."""
    settings.ALLOW_UPLOAD_BY_ANY_DOMAIN = True
    with ScriptedServer() as server:
        server.routes["/symbols.zip"] = Answer(body=GOOD)
        yield server


@pytest.fixture
def post_url(client: Client, bucket: Path, uploader: str) -> PostUrl:
    def post(url: str, **form: str) -> HttpResponse:
        return client.post("/upload/", {"url": url, **form}, headers={"Auth-Token": uploader})

    return post


def test_the_archive_of_a_url_is_stored(
    post_url: PostUrl, web: ScriptedServer, bucket: Path
) -> None:
    url = f"{web.url}/symbols.zip?a=b"
    response = post_url(url)
    assert response.status_code == 201
    upload = response.json()["upload"]
    assert (upload["filename"], upload["size"]) == ("symbols.zip", len(GOOD))
    assert (upload["download_url"], upload["redirect_urls"]) == (url, [])
    assert gzip.decompress(objects(bucket)[f"v1/{NAME}"]) == TEXT


def test_redirects_are_written_down(post_url: PostUrl, web: ScriptedServer) -> None:
    web.routes["/latest.zip"] = Answer(302, headers={"Location": "/symbols.zip"})
    upload = post_url(f"{web.url}/latest.zip").json()["upload"]
    assert upload["filename"] == "latest.zip"
    assert upload["redirect_urls"] == [f"{web.url}/symbols.zip"]
    row = Upload.objects.get()
    assert row.download_url == f"{web.url}/latest.zip"
    assert row.redirect_urls == [f"{web.url}/symbols.zip"]


def test_a_url_may_come_as_curl_sends_it(
    client: Client, uploader: str, web: ScriptedServer, bucket: Path
) -> None:
    response = client.post(
        "/upload/",
        f"url={web.url}/symbols.zip",
        "application/x-www-form-urlencoded",
        headers={"Auth-Token": uploader},
    )
    assert response.status_code == 201


def test_the_same_archive_has_the_same_hash_however_it_comes(
    post: Post, post_url: PostUrl, uploader: str, web: ScriptedServer
) -> None:
    post(GOOD, uploader)
    post_url(f"{web.url}/symbols.zip")
    assert len({upload.content_hash for upload in Upload.objects.all()}) == 1


def test_try_holds_for_urls_too(post_url: PostUrl, web: ScriptedServer, bucket: Path) -> None:
    assert post_url(f"{web.url}/symbols.zip", **{"try": "1"}).json()["upload"]["try_symbols"]
    assert list(objects(bucket)) == [f"try/v1/{NAME}"]


def test_the_name_is_what_the_path_ends_in(post_url: PostUrl, web: ScriptedServer) -> None:
    web.routes["/a%20b/c%C3%A9%2541.zip"] = Answer(body=GOOD)
    assert post_url(f"{web.url}/a b/cé%2541.zip").json()["upload"]["filename"] == "cé%41.zip"


def test_an_endless_body_is_refused_at_the_limit(
    post_url: PostUrl, web: ScriptedServer, settings: Settings
) -> None:
    settings.UPLOAD_MAX_ARCHIVE_BYTES = 10_000_000
    web.routes["/endless.zip"] = Answer(chunks=lambda: repeat(b"x" * 65_536))
    response = post_url(f"{web.url}/endless.zip")
    assert response.status_code == 413
    assert "at most 10000000 bytes" in response.json()["error"]


def test_a_body_that_says_it_is_too_long_is_refused(
    post_url: PostUrl, web: ScriptedServer, settings: Settings
) -> None:
    settings.UPLOAD_MAX_ARCHIVE_BYTES = 10_000
    headers = {"Content-Length": "1000000"}
    web.routes["/long.zip"] = Answer(headers=headers, chunks=lambda: [b"x" * 100_000])
    assert post_url(f"{web.url}/long.zip").status_code == 413


@pytest.mark.parametrize(
    "answer", [Answer(503), Answer(body=GOOD, cut_after=50)], ids=["503", "cut off"]
)
def test_trouble_of_the_other_server_is_told_and_leaves_nothing(
    post_url: PostUrl, web: ScriptedServer, bucket: Path, answer: Answer
) -> None:
    web.routes["/symbols.zip"] = answer
    response = post_url(f"{web.url}/symbols.zip")
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert response.json()["error"].startswith(f"{web.url}/symbols.zip cannot be fetched now: ")
    assert objects(bucket) == {}
    assert not Upload.objects.exists()


def test_without_lifting_the_rules_loopback_is_out_of_reach(
    post_url: PostUrl, web: ScriptedServer, settings: Settings
) -> None:
    settings.ALLOW_UPLOAD_BY_ANY_DOMAIN = False
    settings.ALLOW_UPLOAD_BY_DOWNLOAD_DOMAINS = ("LOCALHOST",)
    assert post_url(f"{web.url}/symbols.zip").json() == {"error": "Insecure URL"}
    response = post_url(f"https://localhost:{web.port}/symbols.zip")
    assert response.status_code == 400
    assert "which is not a public one" in response.json()["error"]
    assert web.received == []


def test_a_fetch_too_many_is_refused_and_later_there_is_room(
    post_url: PostUrl, web: ScriptedServer, settings: Settings, bucket: Path
) -> None:
    settings.UPLOAD_URL_MAX_AT_ONCE = 1
    begun, may_end = Event(), Event()

    def chunks() -> Iterator[bytes]:
        begun.set()
        may_end.wait(30)
        yield GOOD

    web.routes["/slow.zip"] = Answer(chunks=chunks)
    with new_spool() as spool, ThreadPoolExecutor() as threads:
        fetching = threads.submit(fetch_archive, f"{web.url}/slow.zip", spool)
        assert begun.wait(30)
        response = post_url(f"{web.url}/symbols.zip")
        may_end.set()
        assert fetching.result().url == f"{web.url}/slow.zip"
    assert response.status_code == 429
    assert response.headers["Retry-After"]
    assert "are being fetched now" in response.json()["error"]
    assert post_url(f"{web.url}/symbols.zip").status_code == 201


def test_a_fetch_that_fails_leaves_its_place_to_the_next(
    post_url: PostUrl, web: ScriptedServer, settings: Settings, bucket: Path
) -> None:
    settings.UPLOAD_URL_MAX_AT_ONCE = 1
    assert post_url(f"{web.url}/missing.zip").status_code == 400
    assert post_url(f"{web.url}/symbols.zip").status_code == 201


def test_an_empty_url_is_none(post: Post, uploader: str) -> None:
    assert post(GOOD, uploader, url=" ").status_code == 201


def test_a_file_and_a_url_are_too_much(post: Post, uploader: str, web: ScriptedServer) -> None:
    response = post(GOOD, uploader, url=f"{web.url}/symbols.zip")
    assert response.status_code == 400
    assert response.json() == {"error": "Must be multipart form data with only one file"}
    assert web.received == []
