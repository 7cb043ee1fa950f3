# SPDX-License-Identifier: MPL-2.0

"""Where symbols come from: buckets and other symbol servers, and how they fare."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import caches
from django.test import Client
from tests.api.conftest import SignIn
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.symbol_texts import HELLO_ID, hello

from tecken.accounts.models import User

URL = "/api/_sources/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(settings, tmp_path: Path) -> Iterator[ScriptedServer]:
    """Another symbol server behind a bucket."""
    (tmp_path / "bucket").mkdir()
    bucket = (tmp_path / "bucket").as_uri()
    with ScriptedServer() as started:
        settings.SYMBOL_URLS = (bucket, f"{started.url}/path?layout=breakpad&rate=900")
        settings.UPLOAD_DEFAULT_URL = bucket
        settings.UPLOAD_TRY_SYMBOLS_URL = f"{bucket}?prefix=try"
        settings.UPSTREAM_CACHE_URL = (tmp_path / "kept").as_uri()
        caches["default"].clear()
        yield started


def test_sources_are_told_in_their_order_with_what_came_of_them(
    elsewhere: ScriptedServer, client: Client, root: User, sign_in: SignIn
) -> None:
    name = f"hello.pdb/{HELLO_ID}/hello.sym"
    elsewhere.routes[f"/path/{name}"] = Answer(body=hello().encode())
    assert client.get(f"/{name}").status_code == 302
    assert client.get(f"/gone.pdb/{HELLO_ID}/gone.sym").status_code == 404
    elsewhere.routes[f"/path/bad.pdb/{HELLO_ID}/bad.sym"] = Answer(500)
    assert client.get(f"/bad.pdb/{HELLO_ID}/bad.sym").status_code == 503

    answer = sign_in(root).get(URL).json()
    bucket, attempt, other = answer["sources"]
    assert (bucket["kind"], bucket["outcomes"], bucket["try_symbols"]) == ("bucket", None, False)
    assert attempt["try_symbols"]
    assert attempt["location"].endswith("/bucket/try")
    assert (other["kind"], other["layout"]) == ("upstream", "breakpad")
    assert other["location"] == f"{elsewhere.url}/path"
    outcomes = other["outcomes"]
    assert (outcomes["found"], outcomes["missing"], outcomes["refused"]) == (1, 1, 0)
    assert outcomes["failed"] >= 1
    assert other["stored_bytes"] > 0
    assert "500" in other["last_failure"]["reason"]
    assert answer["upstream_cache_max_bytes"] > 0


def test_a_server_without_others_has_buckets_alone(root: User, sign_in: SignIn) -> None:
    answer = sign_in(root).get(URL).json()
    assert {source["kind"] for source in answer["sources"]} == {"bucket"}
    assert answer["upstream_cache_max_bytes"] is None


def test_others_are_refused(uploader: User, sign_in: SignIn) -> None:
    assert sign_in(uploader).get(URL).status_code == 403
