# SPDX-License-Identifier: MPL-2.0

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from pytest_django.fixtures import Settings

from tecken.core.storage.keys import RESERVED_FOLDER
from tecken.jobs.cleaning import Cleaning
from tecken.jobs.models import Task
from tecken.jobs.tasks import drop_expired_sessions, forget_tasks, sweep_unfinished_objects


@pytest.fixture
def buckets(tmp_path: Path, settings: Settings) -> list[Path]:
    """Three buckets that are written to, for all, for some people and for try, and one that is not."""
    folders = [tmp_path / name for name in ("default", "exception", "try", "read")]
    default, exception, try_url, read = (folder.as_uri() for folder in folders)
    settings.SYMBOL_URLS = (default, read)
    settings.UPLOAD_DEFAULT_URL = default
    settings.UPLOAD_URL_EXCEPTIONS = {"someone@example.com": exception}
    settings.UPLOAD_TRY_SYMBOLS_URL = try_url
    for folder in folders:
        (folder / RESERVED_FOLDER / "tmp").mkdir(parents=True)
    return folders


def test_what_killed_uploads_left_is_swept_from_every_bucket_that_is_written_to(
    buckets: list[Path],
) -> None:
    left = [bucket / RESERVED_FOLDER / "tmp" / "0123abcd" for bucket in buckets]
    young = buckets[0] / RESERVED_FOLDER / "tmp" / "4567"
    for path in (*left, young):
        path.write_bytes(b"half")
    hour_ago = time.time() - 3600
    for path in left:
        os.utime(path, (hour_ago, hour_ago))
    assert sweep_unfinished_objects.clean() == 3
    assert [path.exists() for path in (*left, young)] == [
        *(False, False, False),
        *(True, True),
    ]


@pytest.mark.django_db
def test_sessions_that_have_ended_are_dropped() -> None:
    for key, days in (("ended", -1), ("open", 1)):
        ends = timezone.now() + timedelta(days=days)
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
    assert drop_expired_sessions.clean() == 1
    assert [session.session_key for session in Session.objects.all()] == ["open"]


@pytest.mark.django_db
def test_rows_of_finished_tasks_are_kept_for_some_days(settings: Settings) -> None:
    settings.TASK_RETENTION_DAYS = 3
    for days in (2, 4):
        finished_at = timezone.now() - timedelta(days=days)
        Task.objects.create(name=f"of {days}", state=Task.State.DONE, finished_at=finished_at)
    assert forget_tasks.clean() == 1
    assert [row.name for row in Task.objects.all()] == ["of 2"]


@pytest.mark.django_db
@pytest.mark.parametrize("cleaning", [drop_expired_sessions, forget_tasks])
def test_a_dry_run_counts_and_drops_nothing(cleaning: Cleaning) -> None:
    long_ago = timezone.now() - timedelta(days=100)
    Session.objects.create(session_key="ended", session_data="", expire_date=long_ago)
    Task.objects.create(name="old", state=Task.State.DONE, finished_at=long_ago)
    assert cleaning.remove(dry_run=True) == 1
    assert (Session.objects.count(), Task.objects.count()) == (1, 1)


def test_a_dry_run_says_when_it_cannot_tell(buckets: list[Path]) -> None:
    assert sweep_unfinished_objects.remove(dry_run=True) is None
