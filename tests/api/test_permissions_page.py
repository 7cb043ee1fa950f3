# SPDX-License-Identifier: MPL-2.0

"""Every URL by every kind of person: the page that tells of it, and what must hold in any case."""

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from pytest_django import Settings
from tests.api.permission_matrix import (
    BLOCKED,
    BY_NAME,
    KINDS,
    OWNER,
    Asker,
    Table,
    calls,
    page,
    store_a_file,
)
from tests.support.fake_auth0 import FakeAuth0
from tests.support.minidumps import STACKWALK
from tests.upload.examples import make_token

from tecken.web.urls import urlpatterns as page_patterns

pytestmark = pytest.mark.one_form

REPOSITORY = Path(__file__).parents[2]
PAGES = {str(pattern.pattern) for pattern in page_patterns}
# Below these, debuggers would never come again if they were told more than that there is nothing.
OF_DEBUGGERS = ("/buildid/", "/metadata", "/unified/")
REFUSED = ("T expired", "T inactive", "T blocked")


@pytest.fixture
def auth0(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAuth0]:
    """A provider where one person is blocked; everybody else never came by it."""
    with FakeAuth0(accounts={BLOCKED: [True]}) as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        settings.ENABLE_AUTH0_BLOCKED_CHECK = True
        yield server


@pytest.fixture
def table(auth0: FakeAuth0, bucket: Path, settings: Settings, db: None) -> Table:
    settings.MINIDUMP_STACKWALK_PATH = str(STACKWALK)
    store_a_file(make_token("upload_symbols", email=OWNER))
    stranger = Client()
    askers = [Asker.of(kind, stranger) for kind in KINDS]
    return {call: [asker.status(call) for asker in askers] for call in calls()}


def test_everybody_may_do_what_the_page_says_and_no_more(table: Table) -> None:
    path = REPOSITORY / "docs" / "permissions.md"
    text = page(table)
    if os.environ.get("TECKEN_WRITE_PAGES"):
        path.write_text(text, encoding="utf-8")
    wrong = {
        (call.method, call.path, call.note): problem
        for call, statuses in table.items()
        if (
            problem := problem_of(
                dict(zip(BY_NAME, statuses, strict=True)),
                refused={404} if call.path.startswith(OF_DEBUGGERS) else {401, 403},
            )
        )
    }
    assert not wrong
    assert path.read_text(encoding="utf-8") == text, "TECKEN_WRITE_PAGES=1 writes it"


def problem_of(answers: dict[str, int], refused: Collection[int]) -> str | None:
    """Say what no answer to anything may be, whatever the page says."""
    if max(answers.values()) >= 500:
        return "a fault of the server"
    if any(answers[name] not in refused for name in REFUSED):
        return "a token that must be refused is not"
    if answers["inactive"] != answers["nobody"]:
        return "one who is inactive is somebody"
    if answers["T none"] < 300 and answers["signed in"] >= 400:
        return "a token without permissions may do what needs one"
    if answers["signed in"] >= 400 and answers["nobody"] < 400:
        return "signing in takes something away"
    if answers["superuser"] >= 400 > min(answers["uploader"], answers["auditor"]):
        return "a superuser may less than others"
    return None


def test_every_url_is_in_the_table(db: None) -> None:
    """Those of the interface are taken from its document, so the document has all of them."""
    filled = {"debug_file": "a.pdb", "debug_id": "A1", "symbol_file": "a.sym", "object_key": "v1/k"}
    asked = {
        resolve(call.path.format_map({**dict.fromkeys(call.ids, "1"), **filled})).route.rstrip("/")
        for call in calls()
    }
    routes = {route.rstrip("/") for route in _routes(get_resolver().url_patterns)}
    # The pattern of what nothing else answers is empty, as that of the front page.
    assert routes - {route.rstrip("/") for route in PAGES} - asked <= {""}


def _routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


@pytest.mark.django_db
def test_pages_are_for_everybody() -> None:
    client = Client()
    for route in PAGES:
        url = "/" + re.sub("<int:[a-z_]+>", "1", route).replace("<str:debug_file>", "xul.pdb")
        assert client.get(url).status_code == 200, url
        assert client.get(url, headers={"Auth-Token": "wrong"}).status_code == 403, url
