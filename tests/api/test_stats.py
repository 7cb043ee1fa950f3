# SPDX-License-Identifier: MPL-2.0

from datetime import datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from tests.api.conftest import SignIn
from tests.upload.examples import make_token

from tecken.accounts.models import User
from tecken.api.routers.stats import human_size
from tecken.download.microsoft.models import MicrosoftDownload
from tecken.download.models import DownloadDay
from tecken.symbolication.models import SymbolicationDay
from tecken.upload.models import UploadsCreated

URL = "/api/stats/"


@pytest.fixture
def browser(uploader: User, sign_in: SignIn) -> Client:
    cache.clear()  # it keeps the figures of days that are over
    today = timezone.now().date()
    for ago, number in ((0, 1), (1, 2), (29, 4), (30, 1000)):
        day = today - timedelta(days=ago)
        UploadsCreated.objects.create(date=day, count=number, size=number * 1024, files=number * 3)
        DownloadDay.objects.create(date=day, found=number, missing=number * 2)
        SymbolicationDay.objects.create(date=day, version="v5", count=number)
        SymbolicationDay.objects.create(date=day, version="v4", count=number)
        lookup = MicrosoftDownload.objects.create(turn=ago)
        moment = datetime.combine(day, time(0, 0, tzinfo=lookup.created_at.tzinfo))
        MicrosoftDownload.objects.filter(pk=lookup.pk).update(created_at=moment)
    return sign_in(uploader)


def test_the_last_days_are_counted(browser: Client) -> None:
    stats = browser.get(URL).json()
    assert stats["today"] == {
        "uploads": {"count": 1, "total_size": 1024, "total_size_human": "1.0 KB", "files": 3},
        "downloads": {"found": 1, "missing": 2, "microsoft": 1},
        "symbolications": 2,
    }
    assert stats["yesterday"]["uploads"]["count"] == 2
    month = stats["last_30_days"]
    assert (month["uploads"]["count"], month["downloads"]["found"]) == (7, 7)
    assert (month["downloads"]["microsoft"], month["symbolications"]) == (3, 14)
    days = stats["per_day"]
    assert len(days) == 30
    assert days[-1]["date"] == timezone.now().date().isoformat()
    assert [day["uploads"]["count"] for day in days] == [4, *[0] * 27, 2, 1]


def test_one_s_own_tokens_are_counted(browser: Client, uploader: User, root: User) -> None:
    for email in (uploader.email, root.email):
        make_token("upload_symbols", email=email)
    stats = browser.get(URL).json()
    assert stats["tokens"] == {"total": 1, "active": 1, "expired": 0}
    assert stats["users"] is None


def test_a_superuser_is_told_of_users(root: User, uploader: User, sign_in: SignIn) -> None:
    users = sign_in(root).get(URL).json()["users"]
    assert users == {"total": 2, "active": 2, "superusers": 1}


def test_uploads_have_an_answer_of_their_own(browser: Client) -> None:
    uploads = browser.get(f"{URL}uploads").json()["uploads"]
    assert uploads["today"]["total_size_human"] == "1.0 KB"
    assert (uploads["today"]["files"], uploads["yesterday"]["count"]) == (3, 2)
    first = timezone.now().day == 1
    assert uploads["this_month"]["count"] == (1 if first else 3) + 4 * (timezone.now().day >= 30)


def test_symbolications_have_an_answer_of_their_own(browser: Client) -> None:
    versions = browser.get(f"{URL}symbolication").json()["symbolications"]
    assert versions == {"v4": {"today": 1, "yesterday": 2}, "v5": {"today": 1, "yesterday": 2}}


def test_who_has_not_signed_in_is_told_nothing(client: Client, db: None) -> None:
    for url in (URL, f"{URL}uploads", f"{URL}symbolication"):
        assert client.get(url).status_code == 403


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KB"),
        (1024**2 - 1, "1.0 MB"),
        (123_417_395, "117.7 MB"),
        (1024**6, "1024.0 PB"),
    ],
)
def test_sizes_are_said_as_people_say_them(size: int, said: str) -> None:
    assert human_size(size) == said
