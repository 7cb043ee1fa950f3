# SPDX-License-Identifier: MPL-2.0

"""Regular symbols that are too old, or of which there are enough newer ones: what goes, and what stays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.support.native_files import PROGRAM_FULL
from tests.upload.examples import BINARY_NAME, NAME, TEXT, Members, Post, objects

from tecken.accounts.models import AuditEntry
from tecken.core.errors import StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.jobs.models import Task
from tecken.upload import last_found, regular_retention
from tecken.upload.deriving.uploads import TASK, derive_pending
from tecken.upload.models import FileUpload, Upload
from tecken.upload.regular_files import regular_destinations
from tecken.upload.tasks import (
    remove_old_symbols,
    remove_surplus_symbols,
    sweep_deleted_objects,
)

OTHER_TEXT = TEXT + b"1010 10 13 0\n"
Store = Callable[..., Upload]


@pytest.fixture(autouse=True)
def _a_month(settings: Settings) -> None:
    settings.SYMBOLS_RETENTION_DAYS = 30


@pytest.fixture
def store(post: Post, uploader: str) -> Store:
    """Return a function that uploads members as if some days ago."""

    def store(members: Members, *, days_ago: float = 0, **form: str) -> Upload:
        answer = post(members, uploader, **form)
        assert answer.status_code == 201, answer.content
        upload = Upload.objects.get(pk=answer.json()["upload"]["id"])
        then = timezone.now() - timedelta(days=days_ago)
        Upload.objects.filter(pk=upload.pk).update(created_at=then)
        upload.files.update(created_at=then, completed_at=then)
        upload.files.filter(derived=True).update(found_at=then)
        return upload

    return store


def version(number: int) -> dict[str, bytes]:
    """Return a symbol file of one name, by the number of its debug id."""
    debug_id = f"{number:032X}1"
    text = f"MODULE windows x86_64 {debug_id} app.pdb\nPUBLIC 1000 0 main\n"
    return {f"app.pdb/{debug_id}/app.sym": text.encode()}


def numbers(bucket: Path) -> list[int]:
    """Return the debug ids that are there, by number."""
    return sorted(int(key.split("/")[2][:-1], 16) for key in objects(bucket))


def test_without_settings_everything_is_kept(
    store: Store, bucket: Path, settings: Settings
) -> None:
    settings.SYMBOLS_RETENTION_DAYS = 0
    store({NAME: TEXT}, days_ago=5000)
    assert (remove_old_symbols.clean(), remove_surplus_symbols.clean()) == (0, 0)
    assert list(objects(bucket)) == [f"v1/{NAME}"]


def test_what_is_too_old_is_gone_and_its_rows_say_why(
    store: Store, bucket: Path, client: Client
) -> None:
    upload = store({NAME: TEXT, BINARY_NAME: b"MSCF"}, days_ago=31)
    store({"young.pdb/AB/young.pd_": b"MSCF"}, days_ago=29)
    assert client.get(f"/{NAME}").status_code == 302
    told: list[SymbolKey] = []
    symbol_stored.subscribe(told.extend)
    assert remove_old_symbols.remove(dry_run=True) == 2
    assert len(objects(bucket)) == 3
    assert remove_old_symbols.clean() == 2
    assert list(objects(bucket)) == ["v1/young.pdb/AB/young.pd_"]
    assert not list((bucket / "v1" / ".index").rglob("*.sym/*"))
    assert set(told) == {SymbolKey.parse(NAME), SymbolKey.parse(BINARY_NAME)}
    assert client.get(f"/{NAME}").status_code == 404
    why = "Retention: nobody uploaded it for 30 days"
    rows = upload.files.values_list("removal", "delete_reason", "deleted_by").distinct()
    assert list(rows) == [("removed", why, None)]
    upload.refresh_from_db()
    assert (upload.delete_reason, upload.deleted_at is not None) == (why, True)
    assert Upload.objects.filter(deleted_at=None).count() == 1
    assert remove_old_symbols.clean() == 0


def test_it_can_be_uploaded_again(store: Store, bucket: Path, client: Client) -> None:
    store({NAME: TEXT}, days_ago=31)
    remove_old_symbols.clean()
    assert client.get(f"/{NAME}").status_code == 404
    store({NAME: TEXT})
    assert remove_old_symbols.clean() == 0
    assert client.get(f"/{NAME}").status_code == 302


def test_what_a_newer_upload_found_there_stays_until_that_is_too_old(
    store: Store, bucket: Path
) -> None:
    store({NAME: TEXT, BINARY_NAME: b"MSCF"}, days_ago=400)
    later = store({NAME: TEXT}, days_ago=5)
    assert remove_old_symbols.remove(dry_run=True) == 1
    assert remove_old_symbols.clean() == 1
    assert list(objects(bucket)) == [f"v1/{NAME}"]
    old = timezone.now() - timedelta(days=31)
    Upload.objects.filter(pk=later.pk).update(created_at=old)
    FileUpload.objects.update(found_at=old)
    assert remove_old_symbols.clean() == 1
    assert objects(bucket) == {}


def test_derived_symbols_stay_as_long_as_their_original(store: Store, bucket: Path) -> None:
    store({"crash": PROGRAM_FULL}, days_ago=400)
    store({"crash": PROGRAM_FULL}, days_ago=5)
    before = objects(bucket)
    assert len(before) == 2  # the original and its symbols
    assert remove_old_symbols.clean() == 0
    assert objects(bucket) == before
    old = timezone.now() - timedelta(days=31)
    Upload.objects.update(created_at=old)
    FileUpload.objects.update(found_at=old)
    assert remove_old_symbols.clean() == 2
    assert objects(bucket) == {}


def test_symbols_that_were_derived_late_go_with_their_original(
    store: Store, bucket: Path, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    upload = store({"crash": PROGRAM_FULL}, days_ago=31)
    assert derive_pending(upload.pk) == 1
    Task.objects.all().delete()
    assert remove_old_symbols.clean() == 2
    assert objects(bucket) == {}
    assert not Task.objects.filter(name=TASK).exists()  # they are not derived once more


def test_symbols_that_are_derived_anew_and_the_same_are_as_new_as_their_original(
    store: Store, bucket: Path
) -> None:
    store({"crash": PROGRAM_FULL}, days_ago=31)
    store({"crash": PROGRAM_FULL + b"more"})
    assert FileUpload.objects.filter(derived=True).count() == 1
    assert remove_old_symbols.clean() == 0
    assert sum(key.endswith(".sym") for key in objects(bucket)) == 1


def test_all_that_uploads_found_is_noted_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_found, "_KEYS_IN_MEMORY", 0)
    monkeypatch.setattr(last_found, "_UPLOADS_AT_ONCE", 1)
    store({NAME: TEXT}, days_ago=400)
    for days_ago in (300, 200, 100):
        last = store({NAME: TEXT}, days_ago=days_ago)
    remove_old_symbols.remove(dry_run=True)
    last.refresh_from_db()
    assert FileUpload.objects.get().found_at == last.created_at
    FileUpload.objects.update(found_at=None)
    remove_old_symbols.remove(dry_run=True)
    assert FileUpload.objects.get().found_at is None
    store({NAME: TEXT}, days_ago=1)
    remove_old_symbols.remove(dry_run=True)
    assert FileUpload.objects.get().found_at is not None


def test_without_time_to_look_who_found_what_nothing_goes(store: Store, bucket: Path) -> None:
    store({NAME: TEXT}, days_ago=400)
    store({NAME: TEXT}, days_ago=100)
    assert regular_retention.remove_old_symbols(dry_run=False, max_seconds=-1) == 0
    assert len(objects(bucket)) == 1


def test_an_upload_that_finds_it_at_the_last_moment_keeps_the_object(
    store: Store, bucket: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store({NAME: TEXT}, days_ago=31)

    def note_found(ends: float) -> datetime | None:
        noted = last_found.note_found(ends)
        store({NAME: TEXT})
        return noted

    # There is no other way to come just in between.
    monkeypatch.setattr(regular_retention, "note_found", note_found)
    remove_old_symbols.clean()
    assert list(objects(bucket)) == [f"v1/{NAME}"]
    assert client.get(f"/{NAME}").status_code == 302


def test_an_object_is_as_old_as_the_last_file_of_its_key(store: Store, bucket: Path) -> None:
    store({NAME: TEXT}, days_ago=400)
    second = store({NAME: OTHER_TEXT}, days_ago=29)
    assert remove_old_symbols.clean() == 0
    second.files.update(created_at=timezone.now() - timedelta(days=31))
    assert remove_old_symbols.remove(dry_run=True) == 1
    assert remove_old_symbols.clean() == 1
    assert set(FileUpload.objects.values_list("removal", flat=True)) == {"removed"}
    assert objects(bucket) == {}


def test_what_is_just_being_stored_stays(store: Store, bucket: Path) -> None:
    store({NAME: TEXT}, days_ago=400)
    second = store({NAME: OTHER_TEXT})
    second.files.update(completed_at=None)
    assert remove_old_symbols.remove(dry_run=True) == 0
    assert remove_old_symbols.clean() == 0
    assert len(objects(bucket)) == 1


def test_days_of_a_bucket_go_before_those_of_all(
    store: Store, bucket: Path, settings: Settings, tmp_path: Path
) -> None:
    nightly = tmp_path / "nightly"
    nightly.mkdir()
    settings.UPLOAD_URL_EXCEPTIONS = {"uploader@example.com": nightly.as_uri()}
    settings.SYMBOLS_RETENTION_DAYS_BY_BUCKET = {"symbols": 0, "nightly": 7}
    store({NAME: TEXT}, days_ago=8)
    store({NAME: TEXT}, days_ago=400, bucket_name="symbols")
    assert (len(objects(bucket)), len(objects(nightly))) == (1, 1)
    assert remove_old_symbols.clean() == 1
    assert (len(objects(bucket)), len(objects(nightly))) == (1, 0)


def test_try_symbols_have_their_own_retention(
    store: Store, bucket: Path, settings: Settings
) -> None:
    settings.SYMBOLS_KEEP_LAST = 1
    for number in (1, 2):
        store(version(number), days_ago=400, **{"try": "1"})
    assert (remove_old_symbols.clean(), remove_surplus_symbols.clean()) == (0, 0)
    assert len(objects(bucket)) == 2


def test_files_of_no_upload_go_too(store: Store, bucket: Path) -> None:
    store({NAME: TEXT}, days_ago=31)
    FileUpload.objects.update(upload=None)
    assert remove_old_symbols.clean() == 1
    assert objects(bucket) == {}


def test_of_each_name_the_newest_debug_ids_stay(
    store: Store, bucket: Path, settings: Settings
) -> None:
    settings.SYMBOLS_KEEP_LAST = 2
    settings.SYMBOLS_RETENTION_DAYS = 0
    store({NAME: TEXT}, days_ago=900)
    for number in range(1, 6):
        store(version(number), days_ago=100 - number)
    store(version(1), days_ago=1)  # found there: it is the newest now
    assert remove_surplus_symbols.remove(dry_run=True) == 3
    assert remove_surplus_symbols.clean() == 3
    assert numbers(bucket) == [1, 5, int(NAME.split("/")[1][:-1], 16)]
    reasons = FileUpload.objects.exclude(deleted_at=None).values_list("delete_reason").distinct()
    assert list(reasons) == [("Retention: there are 2 newer debug ids of its name",)]


def test_names_without_new_files_are_not_looked_at_again(
    store: Store, bucket: Path, settings: Settings
) -> None:
    settings.SYMBOLS_KEEP_LAST = 1
    settings.SYMBOLS_RETENTION_DAYS = 0
    for number in (1, 2):
        store(version(number), days_ago=50 - number)
    assert remove_surplus_symbols.clean() == 1
    FileUpload.objects.update(deleted_at=None, removal="")  # as nothing in real life does
    assert remove_surplus_symbols.clean() == 0
    store(version(3), days_ago=1)
    assert remove_surplus_symbols.clean() == 2
    assert numbers(bucket) == [3]


def test_each_rule_removes_by_itself_and_none_counts_what_the_other_does(
    store: Store, bucket: Path, settings: Settings
) -> None:
    settings.SYMBOLS_KEEP_LAST = 3
    for number, days_ago in enumerate((50, 40, 20, 10, 5, 1)):
        store(version(number), days_ago=days_ago)
    store({NAME: TEXT}, days_ago=31)  # the only one of its name
    counts = remove_old_symbols.remove(dry_run=True), remove_surplus_symbols.remove(dry_run=True)
    assert counts == (3, 1)
    assert (remove_old_symbols.clean(), remove_surplus_symbols.clean()) == counts
    assert numbers(bucket) == [3, 4, 5]


def test_a_run_has_one_entry_in_the_audit_trail(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular_retention, "_FILES_AT_ONCE", 2)
    for number in range(5):
        store(version(number), days_ago=31)
    assert remove_old_symbols.clean() == 5
    entry = AuditEntry.objects.get(action="symbols deleted")
    assert (entry.actor_name, entry.subject_name) == ("retention", "regular symbols")
    assert entry.details == {"what": "too old", "files": 5, "buckets": {"symbols": 5}}
    remove_old_symbols.clean()
    assert AuditEntry.objects.filter(action="symbols deleted").count() == 1


def test_while_the_bucket_is_away_they_wait(store: Store, bucket: Path) -> None:
    store({NAME: TEXT}, days_ago=31)
    away = bucket.with_name("away")
    bucket.rename(away)
    with pytest.raises(StorageUnavailableError):
        remove_old_symbols.clean()
    assert FileUpload.objects.get().removal == "pending"
    away.rename(bucket)
    assert sweep_deleted_objects.clean() == 1
    assert objects(bucket) == {}


def test_a_bucket_that_no_uploads_go_to_is_left_alone(store: Store, bucket: Path) -> None:
    store({NAME: TEXT}, days_ago=31)
    FileUpload.objects.update(bucket_name="elsewhere")
    assert remove_old_symbols.clean() == 0
    assert len(objects(bucket)) == 1


def test_what_is_too_old_is_found_by_an_index(bucket: Path, db: None) -> None:
    [destination] = regular_destinations()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")  # it prefers that in an empty table
    assert "fileupload_brought" in destination.old_files(timezone.now())[:500].explain()


def test_many_are_removed_some_at_a_time(
    store: Store, bucket: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SYMBOLS_KEEP_LAST = 1
    for name, size in (("_IDS_AT_ONCE", 2), ("_IDS_IN_MEMORY", 4), ("_FILES_AT_ONCE", 2)):
        monkeypatch.setattr(regular_retention, name, size)
    for number in range(8):
        store(version(number), days_ago=20 - number)
    for debug_id in ("A1", "A2"):
        store({f"b.pdb/{debug_id}/b.pd_": b"MSCF"})
    assert remove_surplus_symbols.remove(dry_run=True) == 8
    assert remove_surplus_symbols.clean() == 8
    assert len(objects(bucket)) == 2
