# SPDX-License-Identifier: MPL-2.0

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client
from tests.api.conftest import SignIn
from tests.upload.examples import NAME, TEXT, Post, make_token

from tecken.accounts.models import AuditEntry, User

URL = "/api/_users/"


@pytest.fixture
def browser(root: User, sign_in: SignIn) -> Client:
    return sign_in(root)


def emails(client: Client, query: str = "") -> list[str]:
    return [row["email"].partition("@")[0] for row in client.get(f"{URL}{query}").json()["users"]]


def test_users_are_for_superusers(
    auditor: User, root: User, sign_in: SignIn, client: Client
) -> None:
    said = {"error": "Must be superuser to access this view."}
    assert sign_in(auditor).get(URL).json() == said
    key = make_token("view_all_uploads", email=root.email)
    for url in (URL, f"{URL}user/{auditor.pk}", "/api/_settings/", "/api/_versions/"):
        assert client.get(url, headers={"Auth-Token": key}).json() == said


def test_users_are_listed_with_their_counts(
    browser: Client, uploader: User, auditor: User, post: Post
) -> None:
    key = make_token("upload_symbols", email=uploader.email)
    assert post({NAME: TEXT}, key).status_code == 201
    answer = browser.get(URL).json()
    assert answer["total"] == 3
    rows = {row["email"]: row for row in answer["users"]}
    row = rows[uploader.email]
    assert (row["uploads_count"], row["tokens_count"]) == (1, 1)
    assert [group["name"] for group in row["groups"]] == ["Uploaders"]
    assert rows[auditor.email]["uploads_count"] == 0


def test_many_uploads_are_not_counted_to_their_end(
    browser: Client, uploader: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tecken.api.routers.users.MAX_COUNT", 1)
    key = make_token("upload_symbols", email=uploader.email)
    for _ in range(3):
        post({NAME: TEXT}, key)
    assert browser.get(f"{URL}?email=uploader").json()["users"][0]["uploads_count"] == 2


def test_users_are_filtered_and_sorted(
    browser: Client, uploader: User, auditor: User, stranger: User
) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    assert emails(browser, "?sort=email") == ["auditor", "root", "stranger", "uploader"]
    assert emails(browser, "?email=OAD") == ["uploader"]
    assert emails(browser, "?is_superuser=true") == ["root"]
    assert emails(browser, "?is_active=false") == ["stranger"]
    assert emails(browser, "?group=upload&sort=email") == ["auditor", "uploader"]
    assert emails(browser, "?group=!upload&sort=email") == ["root", "stranger"]


def test_who_never_signed_in_comes_last(browser: Client, root: User, stranger: User) -> None:
    """In the same place with both databases, which by themselves disagree about it."""
    assert emails(browser, "?sort=last_login") == ["root", "stranger"]
    assert emails(browser, "?sort=last_login&reverse=true") == ["stranger", "root"]


def test_one_user_is_told_with_all_groups_there_are(browser: Client, uploader: User) -> None:
    answer = browser.get(f"{URL}user/{uploader.pk}").json()
    assert answer["user"]["permissions"] == [
        "tokens.manage_tokens",
        "upload.upload_symbols",
        "upload.upload_try_symbols",
    ]
    assert [group["name"] for group in answer["groups"]] == ["Upload Auditors", "Uploaders"]
    missing = browser.get(f"{URL}user/999999")
    assert missing.status_code == 404
    assert missing.json() == {"error": "No User matches the given query."}


def test_a_user_is_changed(browser: Client, stranger: User) -> None:
    group = Group.objects.get(name="Uploaders")
    url = f"{URL}user/{stranger.pk}"
    form = {"groups": [group.pk], "is_superuser": True, "is_active": False}
    answer = browser.post(url, form, content_type="application/json").json()["user"]
    assert (answer["is_active"], answer["is_superuser"]) == (False, True)
    assert [found["name"] for found in answer["groups"]] == ["Uploaders"]
    unchanged = browser.post(url, {"is_active": "true"}).json()["user"]
    assert (unchanged["is_active"], unchanged["is_superuser"]) == (True, True)
    assert [found["name"] for found in unchanged["groups"]] == ["Uploaders"]
    assert browser.post(url, {"groups": []}, "application/json").json()["user"]["groups"] == []
    assert AuditEntry.objects.filter(subject=stranger, actor_name="root@example.com").count() == 5


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"groups": [99999]}, "groups"),
        ({"groups": ["x"]}, "groups"),
        ({"groups": list(range(1, 60))}, "groups"),
        ({"is_active": "?"}, "is_active"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    browser: Client, stranger: User, form: dict[str, object], field: str
) -> None:
    url = f"{URL}user/{stranger.pk}"
    response = browser.post(url, form, content_type="application/json")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


@pytest.mark.parametrize("field", ["is_active", "is_superuser"])
def test_the_last_superuser_stays(browser: Client, root: User, stranger: User, field: str) -> None:
    User.objects.filter(pk=stranger.pk).update(is_superuser=True, is_active=False)
    response = browser.post(f"{URL}user/{root.pk}", {field: "false"})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert browser.get(URL).status_code == 200


def test_a_refused_change_changes_nothing(browser: Client, root: User) -> None:
    group = Group.objects.get(name="Uploaders")
    form = {"groups": [group.pk], "is_superuser": False}
    url = f"{URL}user/{root.pk}"
    assert browser.post(url, form, content_type="application/json").status_code == 400
    assert not root.groups.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_superusers_who_demote_each_other_one_stays(
    make_user: Callable[..., User], sign_in: SignIn
) -> None:
    both = [make_user(f"root{n}@example.com", is_superuser=True) for n in range(2)]
    statuses: list[int] = []
    start = threading.Barrier(2)

    def demote(one: User, other: User) -> None:
        browser = sign_in(one)
        start.wait()
        try:
            response = browser.post(f"{URL}user/{other.pk}", {"is_superuser": "false"})
            statuses.append(response.status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=demote, args=pair) for pair in (both, both[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses[0] == 200 or statuses[1] == 200
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
