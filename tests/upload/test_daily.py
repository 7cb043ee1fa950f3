# SPDX-License-Identifier: MPL-2.0

"""Uploads are counted by day, in the background, and in one go after a burst."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from tests.upload.examples import BINARY_NAME, NAME, TEXT, Post

from tecken.accounts.models import User
from tecken.jobs.models import Task
from tecken.jobs.registry import find_task
from tecken.jobs.services import claim, enqueue_once
from tecken.upload.daily import TASK, count_day, count_days
from tecken.upload.models import Upload, UploadsCreated

pytestmark = pytest.mark.django_db


def today() -> date:
    return timezone.now().date()


def make_upload(days_ago: int = 0, size: int = 100, **fields: object) -> Upload:
    user, _ = User.objects.get_or_create_by_email("uploader@example.com")
    upload = Upload.objects.create(user=user, size=size, try_symbols=False, **fields)
    created_at = timezone.now() - timedelta(days=days_ago)
    Upload.objects.filter(pk=upload.pk).update(created_at=created_at)
    return upload


def counted(day: date) -> dict[str, int]:
    fields = ("count", "files", "skipped", "ignored", "size", "size_avg")
    return UploadsCreated.objects.values(*fields).get(date=day)


def test_a_day_is_counted_with_all_of_its_uploads(post: Post, uploader: str) -> None:
    post({NAME: TEXT, "target-symbols.txt": b""}, uploader)
    post({NAME: TEXT, BINARY_NAME: b"binary"}, uploader)
    assert count_day(today())
    size = sum(upload.size for upload in Upload.objects.all())
    assert counted(today()) == {
        "count": 2,
        "files": 2,
        "skipped": 1,
        "ignored": 1,
        "size": size,
        "size_avg": size // 2,
    }


def test_a_day_is_counted_again() -> None:
    for count in (1, 2):
        make_upload()
        count_day(today())
        assert counted(today())["count"] == count


def test_days_begin_at_midnight_in_utc() -> None:
    upload = make_upload()
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for created_at, day in [
        (midnight, midnight.date()),
        (midnight - timedelta(microseconds=1), midnight.date() - timedelta(days=1)),
    ]:
        Upload.objects.filter(pk=upload.pk).update(created_at=created_at)
        UploadsCreated.objects.all().delete()
        count_days(3)
        assert [row.date for row in UploadsCreated.objects.all()] == [day]


def test_the_last_days_are_counted() -> None:
    for days_ago in (0, 1, 1, 3, 4):
        make_upload(days_ago, size=10)
    assert count_days(4) == 3
    by_day = {(today() - row.date).days: row.count for row in UploadsCreated.objects.all()}
    assert by_day == {0: 1, 1: 2, 3: 1}


def test_a_day_whose_uploads_are_gone_keeps_its_count() -> None:
    make_upload()
    count_day(today())
    Upload.objects.all().delete()
    assert not count_day(today())
    assert counted(today())["count"] == 1


def test_an_upload_has_its_day_counted_once_for_a_burst(post: Post, uploader: str) -> None:
    for _ in range(3):
        assert post({NAME: TEXT}, uploader).status_code == 201
    row = Task.objects.get(name=TASK)
    assert row.arguments == {"day": today().isoformat()}
    find_task(TASK).function(**row.arguments)
    assert counted(today())["count"] == 3


def test_a_call_that_has_begun_does_not_count_for_those_after_it() -> None:
    task = find_task(TASK)
    enqueue_once(task, day="2026-11-24")
    claim(Task.objects.get().pk)
    enqueue_once(task, day="2026-11-24")
    enqueue_once(task, day="2026-11-24")
    enqueue_once(task, day="2026-11-25")
    waiting = Task.objects.filter(state=Task.State.WAITING).values_list("arguments", flat=True)
    assert sorted(arguments["day"] for arguments in waiting) == ["2026-11-24", "2026-11-25"]
