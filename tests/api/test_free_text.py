# SPDX-License-Identifier: MPL-2.0

"""Free text of lists: where its words are looked for, and that no table is read for them."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.api.conftest import MakeMissing, SignIn

from tecken.accounts.models import User
from tecken.api.routers import files, uploads
from tecken.jobs.models import Task
from tecken.upload.models import FileUpload, Upload

URL = "/api/downloads/missing/"
ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7890"
BUILD_ID = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"

Found = Callable[..., tuple[str, int | None]]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows(make_missing: MakeMissing) -> None:
    make_missing(lambda number: ID if number == 1 else f"{number}" * 4 + "44E4EC0")


@pytest.fixture
def found(client: Client) -> Found:
    """Return a function that tells which rows a text finds, and in how many of the newest."""

    def found(text: str, **query: str) -> tuple[str, int | None]:
        answer = client.get(URL, {"q": text, **query})
        assert answer.status_code == 200, answer.content
        content = answer.json()
        return "".join(row["symbol"][0] for row in content["missing"]), content["only_newest"]

    return found


@pytest.mark.parametrize(
    ("text", "letters", "only_newest"),
    [
        (" ", "jihgfedcba", None),
        # A part of any text, among the newest.
        (".PDB", "jih", 3),
        ("ii.dll", "i", 3),
        ("44e4ec0", "jih", 3),
        ("aa.dll", "", 3),
        # What an index finds is found everywhere: a whole name, an id, the beginning of one.
        ("b.pdb", "b", None),
        (ID, "b", None),
        (ID[:6].lower(), "b", None),
        ("5a1c3f2b-9d8e-4760-6b1f", "b", None),
        (BUILD_ID, "b", None),
        (ID[:5], "", 3),
        # All words must be found, in any columns.
        ("j .dll", "j", 3),
        ("i jj", "", 3),
        ("b.pdb 5A1C3F", "b", None),
        ("b.pdb i.pdb", "", None),
        # What an index finds is looked through, and not the newest of all.
        ("b.pdb bb", "b", None),
        ("!i .pdb", "jh", 3),
    ],
)
def test_words_are_found(found: Found, text: str, letters: str, only_newest: int | None) -> None:
    assert found(text) == (letters, only_newest)


def test_words_and_filters_must_both_hold(found: Found) -> None:
    assert found("bb", modified_at="<2026-11-04") == ("b", None)
    assert found("b.pdb", count=">5") == ("", None)


def test_an_id_that_very_many_begin_with_is_a_part_like_others(
    found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tecken.api.free_text.MAX_FOUND", 0)
    assert found(ID[:6]) == ("", 3)
    assert found("b.pdb") == ("b", None)  # of a name the index has the newest in their order


@pytest.mark.parametrize("text", ["!", "a\0b", "a" * 501, "a " * 11])
def test_a_text_that_makes_no_sense_is_refused_by_its_name(client: Client, text: str) -> None:
    answer = client.get(URL, {"q": text})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["q"]


def test_people_and_tasks_are_found(root: User, stranger: User, sign_in: SignIn) -> None:
    Task.objects.create(name="tidy", error="OSError: No space left on device")
    person = sign_in(root)
    [user] = person.get("/api/_users/", {"q": "strang"}).json()["users"]
    assert user["email"] == stranger.email
    [task] = person.get("/api/tasks/", {"q": "SPACE tidy"}).json()["tasks"]
    assert task["name"] == "tidy"


def test_uploads_are_found_by_email_name_and_digest(uploader: User, sign_in: SignIn) -> None:
    for number in range(5):
        Upload.objects.create(
            user=uploader,
            filename=f"{number}.zip",
            size=1,
            content_hash=f"{number}" * 32,
            bucket_name="symbols",
            try_symbols=False,
        )

    def names(text: str) -> tuple[str, int | None]:
        answer = sign_in(uploader).get("/api/uploads/", {"q": text}).json()
        return "".join(row["filename"][0] for row in answer["uploads"]), answer["total"]

    assert names("UPLOADER@") == ("43210", 5)
    assert names("else@") == ("", 0)
    assert names("0" * 32) == ("0", 1)
    assert names("4.zip") == ("4", None)
    assert names("1.zip") == ("", None)  # no longer among the newest three


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("xul.pdb", "fileupload_debug"),
        ("xul.dll", "fileupload_code"),
        ("v1/xul.pdb/A/xul.sym", "fileupload_key"),
        ("44E4EC", "fileupload_debug_id"),
    ],
)
def test_words_are_looked_up_in_an_index(text: str, index: str) -> None:
    search = files.LISTING.search
    assert search is not None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # it prefers that for empty tables
    plans = [
        FileUpload.objects.filter(condition).values("pk")[:10].explain()
        for condition, _ in search._indexed(text)
    ]
    assert any(index in plan for plan in plans), plans
    assert not any("Seq Scan" in plan or "SCAN upload" in plan for plan in plans), plans


def test_a_text_costs_a_few_questions(root: User) -> None:
    search = uploads.LISTING.search
    assert search is not None
    with CaptureQueriesContext(connection) as asked:
        search.conditions(Upload.objects.all(), "one two three four five six seven")
    assert len(asked) == 7
