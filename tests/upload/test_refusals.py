# SPDX-License-Identifier: MPL-2.0

"""Everything in the table of refusals is refused as it says, and leaves nothing behind."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.support.scripted_server import ScriptedServer
from tests.upload.refusals import REFUSALS, WEB, Refusal, Sender, page

from tecken.upload.models import Upload

REPOSITORY = Path(__file__).parents[2]
ALL = {refusal.what: refusal for refusals in REFUSALS.values() for refusal in refusals}


@pytest.fixture
def sender(
    client: Client, bucket: Path, settings: Settings, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Sender]]:
    """Return a function that makes the sender of a role; archives are fetched from anywhere."""
    settings.ALLOW_UPLOAD_BY_ANY_DOMAIN = True

    def token(who: str) -> str | None:
        strangers = {"nobody": None, "wrong": "0" * 32}
        return strangers[who] if who in strangers else request.getfixturevalue(who)

    with ScriptedServer() as web:
        yield lambda who: Sender(client, token(who), web)


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", ALL.values(), ids=ALL.keys())
def test_it_is_refused_and_leaves_nothing(
    sender: Callable[[str], Sender], settings: Settings, bucket: Path, refusal: Refusal
) -> None:
    for name, value in refusal.settings.items():
        setattr(settings, name, value)
    sent_by = sender(refusal.who)
    response = refusal.send(sent_by)
    message = response.json()["error"].replace(sent_by.web.url, WEB)
    assert (response.status_code, message) == (refusal.status, refusal.message)
    assert ("Retry-After" in response.headers) == (refusal.status == 503)
    assert list(bucket.rglob("*")) == []
    assert not Upload.objects.exists()


def test_the_table_is_long_and_says_nothing_twice() -> None:
    assert len(ALL) == sum(map(len, REFUSALS.values())) >= 60


def test_the_page_has_the_table() -> None:
    path = REPOSITORY / "docs" / "refusals.md"
    if os.environ.get("TECKEN_WRITE_PAGES"):
        path.write_text(page(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page(), "TECKEN_WRITE_PAGES=1 writes it"
