# SPDX-License-Identifier: MPL-2.0

"""The web app's assets, before and after a build under a running server."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from tecken.web.assets import AssetsMiddleware


@pytest.fixture
def assets(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "old-1234.js").write_text("old")
    settings.STATIC_ROOT = str(folder)
    return folder


def test_an_asset_never_changes(client: Client, assets: Path) -> None:
    response = client.get("/assets/old-1234.js")
    assert b"".join(response) == b"old"
    assert "immutable" in response["Cache-Control"]


@pytest.mark.django_db  # whose connections are looked at when an answer is closed
def test_all_who_ask_at_once_at_first_get_it(rf: RequestFactory, assets: Path) -> None:
    for number in range(200):  # which take a while to list
        (assets / f"{number}.js").write_text("")
    middleware = AssetsMiddleware(lambda _request: HttpResponse(status=404))
    request = rf.get("/assets/old-1234.js")
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: middleware(request), range(64)))
    for answer in answers:
        with closing(answer):
            assert b"".join(answer) == b"old"


def test_a_build_under_a_running_server_is_served_and_the_old_one_is_gone(
    client: Client, assets: Path
) -> None:
    assert b"".join(client.get("/assets/old-1234.js")) == b"old"
    assert client.get("/assets/new-5678.js").status_code == 404
    (assets / "old-1234.js").unlink()
    (assets / "new-5678.js").write_text("new")
    assert b"".join(client.get("/assets/new-5678.js")) == b"new"
    assert client.get("/assets/old-1234.js").status_code == 404


def test_what_is_not_below_the_assets_is_no_asset(client: Client, assets: Path) -> None:
    (assets.parent / "secret").write_text("secret")
    assert client.get("/assets/../secret").status_code == 404
