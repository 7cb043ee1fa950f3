# SPDX-License-Identifier: MPL-2.0

"""Native files that lie in buckets already: their symbols are derived when they are first asked for."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from mypy_boto3_s3 import S3Client
from pytest_django.fixtures import Settings
from tests.support.native_files import BUILD_ID, DEBUG_ID, PROGRAM_DEBUG, PROGRAM_FULL, pdb
from tests.support.proxy import HttpProxy
from tests.upload.examples import Post, aliases, objects, symbolicated

from tecken.jobs.models import Task
from tecken.symbolication import services, underived
from tecken.upload.deriving import first_misses, stored_natives
from tecken.upload.models import FileUpload

pytestmark = pytest.mark.django_db
MODULE = f"crash/{DEBUG_ID}"
NATIVE = f"v1/{MODULE}/crash"
DERIVED = f"v1/{MODULE}/crash.sym"
OTHER_ID = "0" * 31 + "12"


@pytest.fixture(autouse=True)
def _own_processes(monkeypatch: pytest.MonkeyPatch, bucket: Path) -> None:
    """Have the bucket of this test asked; nothing is remembered from others."""
    services.supplier.cache_clear()
    first_misses._known.cache_clear()
    caches["default"].clear()
    monkeypatch.setattr(underived, "_NONE_SECONDS", 0.0)
    monkeypatch.setattr(underived, "_none_until", 0.0)


def copy_into(bucket: Path, key: str, data: bytes) -> None:
    (bucket / key).parent.mkdir(parents=True, exist_ok=True)
    (bucket / key).write_bytes(data)


def make_old(**changes: object) -> None:
    """Let all rows be as they were before native files were told."""
    columns = ("kind", "role", "arch", "has", "derivation", "problem", "code_file", "code_id")
    FileUpload.objects.update(**dict.fromkeys(columns, ""), **changes)


def ask(client: Client, debug_id: str = DEBUG_ID, name: str = "crash") -> tuple[str, str | None]:
    """Return what v5 says of a module, ``found`` or its error, and the function."""
    result = symbolicated(client, name, debug_id)
    errors = result.get("module_errors", {}).get(f"{name}/{debug_id}", [{"name": "found"}])
    return errors[0]["name"], result["stacks"][0][0].get("function")


def run_tasks() -> int:
    """Run what waits to be derived; return how many that were."""
    tasks = list(Task.objects.filter(name=stored_natives.TASK, state="waiting"))
    for task in tasks:
        stored_natives.derive_stored(**task.arguments)
        Task.objects.filter(pk=task.pk).update(state="done")
    return len(tasks)


def test_what_was_copied_into_the_bucket_is_pending_and_then_found(
    client: Client, bucket: Path
) -> None:
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    assert ask(client) == ("pending", None)
    assert ask(client) == ("pending", None)
    assert run_tasks() == 1
    assert ask(client) == ("found", "outer")
    assert "FUNC 10c b 0 outer" in gzip.decompress(objects(bucket)[DERIVED]).decode()
    row = FileUpload.objects.get(derived=False)
    assert (row.kind, row.code_id, row.derivation) == ("elf", BUILD_ID.upper(), "done")
    assert set(aliases(bucket).values()) == {f"{MODULE}/crash"}
    assert objects(bucket)[NATIVE] == PROGRAM_FULL


def test_what_was_uploaded_before_is_derived_into_its_upload(
    post: Post, uploader: str, client: Client, bucket: Path, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    answer = post({f"{MODULE}/crash": PROGRAM_FULL}, uploader).json()["upload"]
    make_old()
    assert ask(client) == ("pending", None)
    assert run_tasks() == 1
    assert ask(client) == ("found", "outer")
    assert {row.upload_id for row in FileUpload.objects.all()} == {answer["id"]}
    path = f"/api/uploads/upload/{answer['id']}"
    client.delete(path, headers={"Auth-Token": uploader})
    assert objects(bucket) == aliases(bucket) == {}


def test_a_download_has_it_derived_too(client: Client, bucket: Path, settings: Settings) -> None:
    settings.DOWNLOAD_CACHE_SECONDS = 60
    copy_into(bucket, f"{NATIVE}.debug", PROGRAM_DEBUG)
    response = client.get(f"/{MODULE}/crash.sym")
    assert (response.status_code, response.content) == (404, b"Symbol Not Found Yet")
    assert response["Cache-Control"] == "no-store"
    assert run_tasks() == 1
    assert client.get(f"/{MODULE}/crash.sym").status_code == 302


def test_v4_says_false(client: Client, bucket: Path) -> None:
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    body = {"memoryMap": [["crash", DEBUG_ID]], "stacks": [[[0, 0x10D]]], "version": 4}
    response = client.post("/symbolicate/v4", json.dumps(body), content_type="application/json")
    assert response.status_code == 200
    assert response.json()["knownModules"] == [False]
    assert Task.objects.filter(name=stored_natives.TASK).count() == 1


def test_what_gives_no_symbols_is_malformed_and_not_tried_again(
    client: Client, bucket: Path
) -> None:
    copy_into(bucket, NATIVE, PROGRAM_FULL[:200])
    assert ask(client) == ("pending", None)
    run_tasks()
    assert ask(client)[0] == "malformed"
    assert run_tasks() == 0


@pytest.mark.parametrize("data", [b"text", gzip.compress(PROGRAM_FULL), b""])
def test_what_is_no_native_file_is_not_found(client: Client, bucket: Path, data: bytes) -> None:
    copy_into(bucket, NATIVE, data)
    for _ in range(2):
        assert ask(client) == ("not_found", None)
    assert not FileUpload.objects.exists()
    assert not Task.objects.filter(name=stored_natives.TASK).exists()


def test_a_file_of_another_id_than_its_path_says_gives_symbols_of_its_own(
    client: Client, bucket: Path
) -> None:
    copy_into(bucket, f"v1/crash/{OTHER_ID}/crash", PROGRAM_FULL)
    assert ask(client, OTHER_ID) == ("pending", None)
    run_tasks()
    for _ in range(2):
        assert ask(client, OTHER_ID) == ("not_found", None)
    assert ask(client) == ("found", "outer")
    assert run_tasks() == 0


def test_a_source_that_nobody_uploads_to_is_left_alone(
    client: Client, bucket: Path, settings: Settings, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    copy_into(foreign, NATIVE, PROGRAM_FULL)
    settings.SYMBOL_URLS = (bucket.as_uri(), foreign.as_uri())
    assert ask(client) == ("not_found", None)


def test_it_can_be_switched_off(client: Client, bucket: Path, settings: Settings) -> None:
    settings.UPLOAD_DERIVE_AT_MISS = False
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    assert ask(client) == ("not_found", None)
    assert client.get(f"/{MODULE}/crash.sym").content == b"Symbol Not Found"


def test_many_who_ask_at_once_begin_it_once(client: Client, bucket: Path) -> None:
    """As other processes do, which have not seen each other's rows when they look."""
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as patch:
        patch.setattr(stored_natives, "rows_of", lambda *_: [])
        for _ in range(5):
            ask(client)
    assert Task.objects.filter(name=stored_natives.TASK).count() == 1
    assert FileUpload.objects.count() == 1


def test_a_task_that_is_run_again_changes_nothing(client: Client, bucket: Path) -> None:
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    ask(client)
    run_tasks()
    before = sorted(FileUpload.objects.values_list("pk", "kind", "derivation"))
    (task,) = Task.objects.filter(name=stored_natives.TASK)
    stored_natives.derive_stored(**task.arguments)
    assert sorted(FileUpload.objects.values_list("pk", "kind", "derivation")) == before


def test_a_task_that_was_killed_halfway_is_ended_by_the_next(
    client: Client, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    ask(client)
    with monkeypatch.context() as patch:
        patch.setattr(stored_natives, "write_aliases", _killed)
        with pytest.raises(SystemExit):
            run_tasks()
    run_tasks()
    assert ask(client) == ("found", "outer")


def _killed(*_: object) -> None:
    raise SystemExit


def test_a_file_that_goes_meanwhile_is_no_error(client: Client, bucket: Path) -> None:
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    ask(client)
    (bucket / NATIVE).unlink()
    run_tasks()
    assert ask(client)[0] == "malformed"


def test_what_is_given_up_leaves_pending_and_what_was_forgotten_is_resumed(
    client: Client, bucket: Path
) -> None:
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    assert ask(client) == ("pending", None)
    (task,) = Task.objects.filter(name=stored_natives.TASK)
    assert stored_natives.resume() == 0
    FileUpload.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert stored_natives.resume() == 0  # somebody will be at it
    Task.objects.filter(name=stored_natives.TASK).update(state="done")
    assert stored_natives.resume() == 1
    stored_natives.give_up(**task.arguments)
    assert ask(client)[0] == "malformed"


def test_what_was_taken_back_is_not_resumed(client: Client, bucket: Path) -> None:
    copy_into(bucket, NATIVE, PROGRAM_FULL)
    ask(client)
    Task.objects.all().delete()
    long_ago = timezone.now() - timedelta(hours=1)
    FileUpload.objects.update(created_at=long_ago, deleted_at=long_ago)
    assert stored_natives.resume() == 0
    assert not Task.objects.exists()
    row = FileUpload.objects.get()
    assert (row.derivation, row.problem) == ("failed", "its file is gone")


def test_a_database_that_fails_makes_a_miss_of_it(
    client: Client, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> list[FileUpload]:
        raise OperationalError("gone")

    copy_into(bucket, NATIVE, PROGRAM_FULL)
    with monkeypatch.context() as patch:
        patch.setattr(first_misses, "_breaker", type(first_misses._breaker)())
        patch.setattr(stored_natives, "rows_of", fail)
        assert ask(client) == ("not_found", None)
    assert ask(client) == ("pending", None)


def test_the_symbols_of_a_pdb_lie_beside_it(client: Client, bucket: Path) -> None:
    module = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2"
    copy_into(bucket, f"v1/{module}/xul.pdb", pdb())
    assert ask(client, "44E4EC8C2F41492B9369D6B9A059577C2", "xul.pdb") == ("pending", None)
    assert Task.objects.get(name=stored_natives.TASK).arguments["object_key"].endswith("/xul.pdb")


def test_an_ordinary_miss_in_a_folder_asks_no_database_for_it(client: Client) -> None:
    ask(client, OTHER_ID)
    with CaptureQueriesContext(connection) as asked:
        for number in range(5):
            ask(client, f"{number:032X}1")
    assert not [query for query in asked if '"key" IN' in query["sql"]]


def test_an_ordinary_miss_is_remembered_by_all_processes(
    proxied_s3_bucket: str, s3_proxy: HttpProxy, client: Client
) -> None:
    ask(client, "0" * 31 + "22")  # asks whether the bucket is there at all, too
    paths = []
    for _ in range(3):
        s3_proxy.requests.clear()
        assert ask(client, OTHER_ID) == ("not_found", None)
        assert client.get(f"/crash/{OTHER_ID}/crash.sym").status_code == 404
        paths.append([request.path.rpartition("/")[2] for request in s3_proxy.requests])
        first_misses._known.cache_clear()  # another process
    assert [sorted(some) for some in paths] == [["crash", "crash.debug", "crash.sym"], [], []]


def test_what_is_found_far_away_is_derived(
    proxied_s3_bucket: str, s3_proxy: HttpProxy, client: Client, s3_client: S3Client
) -> None:
    s3_client.put_object(Bucket=proxied_s3_bucket, Key=NATIVE, Body=PROGRAM_FULL)
    assert ask(client) == ("pending", None)
    run_tasks()
    assert ask(client) == ("found", "outer")
    s3_proxy.requests.clear()
    ask(client, OTHER_ID)
    assert len(s3_proxy.requests) == 3
