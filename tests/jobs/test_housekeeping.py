# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from pytest_django.fixtures import Settings

from tecken.core.storage.keys import RESERVED_FOLDER
from tecken.jobs.models import Task
from tecken.jobs.tasks import drop_expired_sessions, forget_tasks, sweep_unfinished_objects


@pytest.fixture
def buckets(tmp_path: Path, settings: Settings) -> list[Path]:
    """Two buckets that are read, the first of which is written to, and one of try symbols."""
    folders = [tmp_path / name for name in ("first", "second", "try")]
    first, second, try_url = (folder.as_uri() for folder in folders)
    settings.SYMBOL_URLS = (first, second)
    settings.UPLOAD_DEFAULT_URL = first
    settings.UPLOAD_TRY_SYMBOLS_URL = try_url
    for folder in folders:
        (folder / RESERVED_FOLDER / "tmp").mkdir(parents=True)
    return folders


def test_what_killed_uploads_left_is_swept_from_every_bucket(buckets: list[Path]) -> None:
    left = [bucket / RESERVED_FOLDER / "tmp" / "0123abcd" for bucket in buckets]
    young = buckets[0] / RESERVED_FOLDER / "tmp" / "4567"
    for path in (*left, young):
        path.write_bytes(b"half")
    hour_ago = time.time() - 3600
    for path in left:
        os.utime(path, (hour_ago, hour_ago))
    sweep_unfinished_objects.function()
    assert [path.exists() for path in (*left, young)] == [False, False, False, True]


@pytest.mark.django_db
def test_sessions_that_have_ended_are_dropped() -> None:
    for key, days in (("ended", -1), ("open", 1)):
        ends = timezone.now() + timedelta(days=days)
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
    drop_expired_sessions.function()
    assert [session.session_key for session in Session.objects.all()] == ["open"]


@pytest.mark.django_db
def test_rows_of_finished_tasks_are_kept_for_some_days(settings: Settings) -> None:
    settings.TASK_RETENTION_DAYS = 3
    for days in (2, 4):
        finished_at = timezone.now() - timedelta(days=days)
        Task.objects.create(name=f"of {days}", state=Task.State.DONE, finished_at=finished_at)
    forget_tasks.function()
    assert [row.name for row in Task.objects.all()] == ["of 2"]
