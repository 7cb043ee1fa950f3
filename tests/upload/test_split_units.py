# SPDX-License-Identifier: MPL-2.0

"""Split units (``.dwp``) in uploads: kept, found by the programs that refer to them, in any order."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings
from tests.support.native_files import PROGRAM, PROGRAM_DEBUG, compiled
from tests.upload.examples import Post, objects
from tests.upload.test_deriving_races import HOOKS

from tecken.jobs.models import Task
from tecken.upload.deriving.uploads import TASK, derive_pending
from tecken.upload.file_urls import file_urls, url_path
from tecken.upload.models import FileUpload, SplitId

pytestmark = pytest.mark.django_db
PROGRAMS = ["split5", "split4", "splitgcc4"]


def files_of(response: object) -> list[dict]:
    assert response.status_code == 201, response.content
    return response.json()["upload"]["files"]


def has_inlined_calls(bucket: Path) -> bool:
    [text] = [data for key, data in objects(bucket).items() if key.endswith(".sym")]
    return b"INLINE_ORIGIN" in gzip.decompress(text)


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_upload_of_both_is_enough(
    post: Post, uploader: str, bucket: Path, name: str, client: Client
) -> None:
    dwp = compiled(f"{name}.dwp")
    files = files_of(post({f"a/{name}.dwp": dwp, f"b/{name}": compiled(name)}, uploader))
    assert {(file["derivation"], file["problem"]) for file in files} == {("done", ""), ("", "")}
    assert has_inlined_calls(bucket)
    row = FileUpload.objects.get(role="split")
    assert (row.kind, row.debug_file, row.features) == ("elf", f"{name}.dwp", ["symbols"])
    assert row.key.startswith("v1/.native/")
    assert file_urls(row) == []
    response = client.get(url_path(row))
    if response.status_code == 302:
        response = client.get(response["Location"])
    assert b"".join(response.streaming_content) == dwp


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_may_come_first(post: Post, uploader: str, bucket: Path, name: str) -> None:
    first = post({name: compiled(name)}, uploader)
    [problem] = {file["problem"] for file in files_of(first) if not file["derived"]}
    assert "upload the .dwp" in problem
    assert not has_inlined_calls(bucket)
    [dwp] = files_of(post({"any name": compiled(f"{name}.dwp")}, uploader))
    assert (dwp["derivation"], dwp["problem"]) == ("", "")
    upload_id = first.json()["upload"]["id"]
    assert Task.objects.get(name=TASK).arguments == {"upload_id": upload_id}
    assert derive_pending(upload_id) == 1
    assert has_inlined_calls(bucket)
    rows = FileUpload.objects.filter(upload=upload_id, derived=False)
    assert set(rows.values_list("derivation", "problem")) == {("done", "")}


def test_the_program_may_come_later(post: Post, uploader: str, bucket: Path) -> None:
    files_of(post({"x.dwp": compiled("split5.dwp")}, uploader))
    files_of(post({"split5": compiled("split5")}, uploader))
    assert has_inlined_calls(bucket)


def test_units_of_another_program_are_not_taken(post: Post, uploader: str, bucket: Path) -> None:
    files_of(post({"x.dwp": compiled("split4.dwp")}, uploader))
    files = files_of(post({"split5": compiled("split5")}, uploader))
    assert any("upload the .dwp" in file["problem"] for file in files)
    assert not Task.objects.filter(name=TASK).exists()


@pytest.mark.parametrize("hook", HOOKS)
def test_units_that_come_while_their_program_is_derived_are_used(
    post: Post,
    uploader: str,
    bucket: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    hook: Callable[[pytest.MonkeyPatch, Callable[[], object]], None],
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    upload_id = post({"split5": compiled("split5")}, uploader).json()["upload"]["id"]
    hook(monkeypatch, lambda: post({"x.dwp": compiled("split5.dwp")}, uploader))
    derive_pending(upload_id)
    assert FileUpload.objects.get(role="executable").derivation == "pending"
    derive_pending(upload_id)
    assert FileUpload.objects.get(role="executable").problem == ""
    assert has_inlined_calls(bucket)


def test_large_units_are_read_in_the_background(
    post: Post, uploader: str, bucket: Path, settings: Settings
) -> None:
    program, dwp = compiled("split5"), compiled("split5.dwp")
    settings.UPLOAD_DERIVE_MAX_BYTES = len(program)
    response = post({"split5": program, "x.dwp": dwp + bytes(len(program))}, uploader)
    states = {file["derivation"] for file in files_of(response)}
    assert states == {"pending", ""}
    assert derive_pending(response.json()["upload"]["id"]) == 1
    assert has_inlined_calls(bucket)


def test_damaged_units_do_no_harm_when_good_ones_come(
    post: Post, uploader: str, bucket: Path
) -> None:
    dwp = compiled("split5.dwp")
    at = dwp.index(b"\5\0\5\x08")  # the header of a split unit
    files_of(post({"x.dwp": dwp[:at] + b"\x77" + dwp[at + 1 :]}, uploader))
    first = post({"split5": compiled("split5")}, uploader)
    [file] = [file for file in files_of(first) if not file["derived"]]
    assert (file["derivation"], "missing or damaged" in file["problem"]) == ("done", True)
    assert not has_inlined_calls(bucket)
    files_of(post({"x.dwp": dwp}, uploader))
    derive_pending(first.json()["upload"]["id"])
    assert FileUpload.objects.get(role="executable").derivation == "done"
    assert has_inlined_calls(bucket)


def test_units_of_try_symbols_are_not_put_into_regular_ones(
    post: Post, uploader: str, try_uploader: str, bucket: Path
) -> None:
    files_of(post({"x.dwp": compiled("split5.dwp")}, try_uploader))
    files_of(post({"split5": compiled("split5")}, uploader))
    assert not has_inlined_calls(bucket)


def test_loose_units_are_ignored_and_it_is_said_what_to_do(post: Post, uploader: str) -> None:
    with zipfile.ZipFile(Path(__file__).parents[1] / "core" / "native" / "files.zip") as archive:
        dwo = archive.read("split5-first.dwo")
    answer = post({"first.dwo": dwo, "split5": compiled("split5")}, uploader).json()["upload"]
    assert answer["ignored_keys"] == ["first.dwo"]
    assert "dwp -e PROGRAM" in answer["warnings"][0]


def test_rows_keep_the_ids_of_what_is_there_only(post: Post, uploader: str) -> None:
    files_of(post({"split5": compiled("split5"), "x.dwp": compiled("split5.dwp")}, uploader))
    of_both = SplitId.objects.values_list("file__role", "split_id")
    by_role = {role: {one for other, one in of_both if other == role} for role, _ in of_both}
    assert by_role["split"] == by_role["executable"] != set()


def test_other_native_files_ask_nothing_of_split_units(post: Post, uploader: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        files_of(post({"crash": PROGRAM, "crash.debug": PROGRAM_DEBUG}, uploader))
    assert queries.captured_queries
    assert not [one for one in queries.captured_queries if "upload_splitid" in one["sql"]]
