# SPDX-License-Identifier: MPL-2.0

"""What a list costs does not grow with its table: some conditions hold for the newest rows alone."""

from collections.abc import Callable

import pytest
from django.test import Client
from tests.api.conftest import MakeMissing

URL = "/api/downloads/missing/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows(make_missing: MakeMissing) -> None:
    make_missing(lambda _: "A1")


@pytest.fixture
def found(client: Client) -> Callable[..., tuple[str, int | None]]:
    """Return a function that tells which rows a query finds, and in how many of the newest."""

    def found(**query: str) -> tuple[str, int | None]:
        answer = client.get(URL, query)
        assert answer.status_code == 200, answer.content
        content = answer.json()
        return "".join(row["symbol"][0] for row in content["missing"]), content["only_newest"]

    return found


@pytest.mark.parametrize(
    ("query", "letters", "only_newest"),
    [
        ({}, "jihgfedcba", None),
        # What an index finds is found everywhere.
        ({"symbol": "=b.pdb"}, "b", None),
        ({"count": "<3"}, "cba", None),
        ({"modified_at": "<2026-11-05"}, "dcba", None),
        ({"sort": "modified_at"}, "abcdefghij", None),
        # A part of a text is looked for among the newest,
        ({"symbol": ".pdb"}, "jih", 3),
        ({"symbol": "b.pdb"}, "", 3),
        ({"symbol": "!i"}, "jh", 3),
        ({"filename": "=b.sym"}, "", 3),
        ({"symbol": ".pdb", "sort": "modified_at"}, "hij", 3),
        # of those that all the others leave,
        ({"symbol": ".pdb", "modified_at": "<2026-11-05"}, "dcb", 3),
        ({"symbol": ".pdb", "count": "<6", "filename": "e"}, "e", 3),
        # and everywhere when these are few.
        ({"symbol": "b.", "modified_at": "<2026-11-04"}, "b", None),
        ({"symbol": "b,=b.pdb"}, "", 3),
    ],
)
def test_what_no_index_finds_is_looked_for_in_the_newest_rows(
    found: Callable[..., tuple[str, int | None]],
    query: dict[str, str],
    letters: str,
    only_newest: int | None,
) -> None:
    assert found(**query) == (letters, only_newest)


def test_all_that_is_wrong_is_told_at_once(client: Client) -> None:
    answer = client.get(URL, {"count": "x", "modified_at": "y", "symbol": "<a"})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"count", "modified_at", "symbol"}


def test_pages_go_on_where_the_last_one_ended(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tecken.web.paging.BATCH_SIZE", 4)
    pages = [client.get(URL, {"page": page}).json() for page in (1, 2, 3, 4)]
    letters = ["".join(row["symbol"][0] for row in page["missing"]) for page in pages]
    assert letters == ["jihg", "fedc", "ba", ""]
    assert [page["has_next"] for page in pages] == [True, True, False, False]
