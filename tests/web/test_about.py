# SPDX-License-Identifier: MPL-2.0

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from tecken.web import build_info


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.clear()
    build_info.build_info.cache_clear()
    yield
    build_info.build_info.cache_clear()


def test_a_checkout_knows_its_commit(client: Client) -> None:
    answer = client.get("/__version__").json()
    assert set(answer) == {"version", "commit", "build", "source"}
    assert len(answer["commit"]) == 40


def test_a_built_package_says_what_it_was_built_from(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = tmp_path / "build_info.json"
    written.write_text(json.dumps({"commit": "abc", "build": "17", "source": "https://e.org/t"}))
    monkeypatch.setattr(build_info, "_WRITTEN", written)
    answer = client.get("/__version__").json()
    assert (answer["commit"], answer["build"], answer["source"]) == ("abc", "17", "https://e.org/t")
    assert client.get("/contribute.json").json()["repository"]["url"] == "https://e.org/t"


def test_one_can_read_how_to_contribute(client: Client) -> None:
    answer = client.get("/contribute.json").json()
    assert answer["name"] == "Tecken"
    assert answer["repository"]["license"] == "MPL-2.0"


@pytest.mark.django_db
def test_the_second_visit_tells_what_works(client: Client) -> None:
    first, second = client.get("/__auth_debug__"), client.get("/__auth_debug__")
    assert first["Content-Type"].startswith("text/plain")
    assert first.content.decode().splitlines() == [
        "Refresh to see if caching works.",
        "Refresh to see if session cookies work.",
    ]
    assert second.content.decode().splitlines() == ["Cache works!", "Session cookies work!"]
    assert "no-store" in second["Cache-Control"]
    assert "Cookie" in second["Vary"]


@pytest.mark.django_db
def test_visitors_without_cookies_fill_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)  # no minute ends in between
    answers = [Client().get("/__auth_debug__") for _ in range(70)]
    assert {answer.status_code for answer in answers} == {200}
    assert Session.objects.count() == 60
    assert b"Refresh in a minute" in answers[-1].content


def test_they_are_only_read(client: Client) -> None:
    for path in ("/__version__", "/contribute.json", "/__auth_debug__"):
        assert client.post(path).status_code == 405
