# SPDX-License-Identifier: MPL-2.0

"""For how long others may keep an answer."""

import pytest
from django.test import Client
from tests.download.conftest import Store

pytestmark = pytest.mark.both_forms

KEY = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
MISSING = KEY.replace("xul.sym", "xol.sym")
IGNORED = KEY.replace("xul.sym", "file.ptr")


@pytest.fixture(autouse=True)
def stored(store: Store) -> None:
    store.put_sym(store.first, KEY)


@pytest.mark.parametrize("path", [KEY, MISSING, IGNORED, f"{KEY}?_refresh", f"try/{KEY}"])
def test_nobody_keeps_an_answer(client: Client, path: str) -> None:
    for response in (client.get(f"/{path}"), client.head(f"/{path}")):
        assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", [KEY, MISSING, IGNORED, f"{KEY}?try"])
def test_redirects_and_not_found_are_kept_where_it_is_allowed(
    client: Client, settings, path: str
) -> None:
    settings.DOWNLOAD_CACHE_SECONDS = 86_400
    response = client.get(f"/{path}")
    assert response["Cache-Control"] == "public, max-age=86400"
    assert response["Vary"] == "Debug"


@pytest.mark.parametrize("path", [f"{KEY}?_refresh", f"{MISSING}?_refresh=1", "a%5Cb/ABC/a.sym"])
def test_answers_for_one_request_are_never_kept(client: Client, settings, path: str) -> None:
    settings.DOWNLOAD_CACHE_SECONDS = 60
    assert client.get(f"/{path}")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [KEY, MISSING, IGNORED])
def test_answers_that_tell_their_time_are_never_kept(client: Client, settings, path: str) -> None:
    settings.DOWNLOAD_CACHE_SECONDS = 60
    assert client.get(f"/{path}", headers={"Debug": "1"})["Cache-Control"] == "no-store"
