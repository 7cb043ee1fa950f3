# SPDX-License-Identifier: MPL-2.0

from datetime import date, timedelta

from django.test import Client
from django.utils import timezone
from tests.api.conftest import SignIn
from tests.upload.examples import NAME, TEXT, Post, make_token

from tecken.accounts.models import User
from tecken.upload.models import Upload, UploadsCreated

URL = "/api/uploads/created/"


def day(ago: int) -> date:
    return timezone.now().date() - timedelta(days=ago)


def test_days_are_listed_for_who_may_view_all(
    auditor: User, uploader: User, sign_in: SignIn
) -> None:
    for ago in range(3):
        UploadsCreated.objects.create(date=day(ago), count=ago, size=ago * 1024)
    assert sign_in(uploader).get(URL).json() == {"error": "Forbidden"}
    browser = sign_in(auditor)

    def counts(query: str = "") -> list[int]:
        return [row["count"] for row in browser.get(f"{URL}{query}").json()["uploads_created"]]

    assert counts() == [0, 1, 2]
    assert browser.get(URL).json()["total"] == 3
    assert counts("?sort=count&reverse=true") == [2, 1, 0]
    assert counts("?date=yesterday") == [1]
    assert counts(f"?date=<={day(1)}") == [1, 2]
    assert counts("?size=>=1kb,<2kb") == [1]
    assert counts("?count=>1") == [2]


def test_a_superuser_has_days_counted_again(
    post: Post, root: User, auditor: User, sign_in: SignIn
) -> None:
    assert post({NAME: TEXT}, make_token("upload_symbols", email=root.email)).status_code == 201
    Upload.objects.update(created_at=timezone.now() - timedelta(days=3))
    UploadsCreated.objects.all().delete()
    url = f"{URL}backfilled/"
    assert sign_in(auditor).post(url).json() == {"error": "Must be superuser to access this view."}
    browser: Client = sign_in(root)
    assert browser.post(url, {"days": 3}).json() == {"backfilled": 0}
    assert browser.post(url, {"days": 4}).json() == {"backfilled": 1}
    row = UploadsCreated.objects.get()
    assert (row.date, row.count, row.files) == (day(3), 1, 1)
    assert list(browser.post(url, {"days": 10**6}).json()["errors"]) == ["days"]
