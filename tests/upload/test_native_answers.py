# SPDX-License-Identifier: MPL-2.0

"""What requests for symbols are told of native files whose symbols are not there, or not yet."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.support.minidumps import STACKWALK, DumpModule, stack_of, write_minidump
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG, PROGRAM_FULL
from tests.upload.examples import Post, take_back

from tecken.jobs.models import Task
from tecken.symbolication import looking_up, services, underived
from tecken.upload.deriving.uploads import TASK, derive_pending
from tecken.upload.models import FileUpload

pytestmark = pytest.mark.django_db
MODULE = f"crash/{DEBUG_ID}"
TEXT = f"{MODULE}\n0x10d\n".encode()


@pytest.fixture(autouse=True)
def _own_supplier(monkeypatch: pytest.MonkeyPatch, bucket: Path) -> None:
    """Have the bucket of this test asked, and the database at once."""
    services.supplier.cache_clear()
    monkeypatch.setattr(underived, "_NONE_SECONDS", 0.0)
    monkeypatch.setattr(underived, "_none_until", 0.0)


def result_of(client: Client) -> dict:
    body = {"memoryMap": [["crash", DEBUG_ID]], "stacks": [[[0, 0x10D]]]}
    response = client.post("/symbolicate/v5", json.dumps(body), content_type="application/json")
    assert response.status_code == 200
    return response.json()["results"][0]


def error_of(result: dict) -> tuple[str, str]:
    (error,) = result["module_errors"][MODULE]
    return error["name"], error["message"]


def test_an_uploaded_program_symbolicates(post: Post, uploader: str, client: Client) -> None:
    post({"debug/crash.debug": PROGRAM_DEBUG, "bin/crash": PROGRAM}, uploader)
    result = result_of(client)
    assert result["found_modules"] == {MODULE: True}
    (frame,) = result["stacks"][0]
    assert (frame["function"], frame["line"]) == ("outer", 3)
    assert [call["function"] for call in frame["inlines"]] == ["inner"]


def test_what_is_being_derived_is_pending_and_then_found(
    post: Post, uploader: str, client: Client, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 100
    upload = post({"crash": PROGRAM_FULL}, uploader).json()["upload"]
    result = result_of(client)
    assert result["found_modules"] == {MODULE: False}
    assert error_of(result)[0] == "pending"
    derive_pending(upload["id"])
    assert result_of(client)["found_modules"] == {MODULE: True}


def crash_of(client: Client, text: bytes, accept: str = "text/plain") -> HttpResponse:
    headers = {"accept": accept}
    response = client.post("/symbolicate/text", text, content_type="text/plain", headers=headers)
    assert response.status_code == 200
    return response


def module_of(response: HttpResponse) -> dict:
    (module,) = response.json()["modules"]
    return module


def test_the_text_of_a_crash_is_told_so_until_it_is_found(
    post: Post, uploader: str, client: Client, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 100
    upload = post({"crash": PROGRAM_FULL}, uploader).json()["upload"]
    module = module_of(crash_of(client, TEXT, "application/json"))
    assert (module["found"], module["error"]["name"]) == (False, "pending")
    told = crash_of(client, TEXT).content
    note = f"# tecken: no symbols for {MODULE}: its symbols are being derived".encode()
    assert told.startswith(TEXT + note)
    assert crash_of(client, told).content == told
    derive_pending(upload["id"])
    assert module_of(crash_of(client, TEXT, "application/json"))["error"] is None
    assert crash_of(client, told).content == crash_of(client, TEXT).content
    assert b"outer at /build/crash.c:3" in crash_of(client, told).content


def test_a_minidump_is_told_so(
    post: Post, uploader: str, client: Client, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 100
    settings.MINIDUMP_STACKWALK_PATH = str(STACKWALK)
    post({"crash": PROGRAM_FULL}, uploader)
    crash = DumpModule("crash", DEBUG_ID, 0x55D0C0D00000, 0x10000)
    dump = write_minidump([crash], [stack_of([(crash.base + 0x10D, 48)], crash.base)])
    response = client.post(
        "/symbolicate/minidump",
        dump,
        content_type="application/octet-stream",
        headers={"accept": "application/json"},
    )
    assert module_of(response)["error"]["name"] == "pending"


def test_what_could_not_be_derived_is_malformed(post: Post, uploader: str, client: Client) -> None:
    post({"crash": PROGRAM_FULL.replace(b"\x05\0\x01\x08", b"\x05\0\x01\x77")}, uploader)
    name, message = error_of(result_of(client))
    assert name == "malformed"
    assert message.startswith("its native file gives no symbols: ")
    module = module_of(crash_of(client, TEXT, "application/json"))
    assert module["error"] == {"name": name, "message": message}
    assert crash_of(client, TEXT).content.count(message.encode()) == 1


def test_a_stripped_program_is_not_found_and_the_reason_is_told(
    post: Post, uploader: str, client: Client
) -> None:
    post({"crash": PROGRAM}, uploader)
    name, message = error_of(result_of(client))
    assert name == "not_found"
    assert "its debug file may have them" in message
    assert module_of(crash_of(client, TEXT, "application/json"))["error"]["message"] == message
    assert crash_of(client, TEXT).content == TEXT


def test_after_an_uploaded_symbol_file_was_taken_back_symbols_are_derived(
    post: Post, uploader: str, client: Client
) -> None:
    text = f"MODULE Linux x86_64 {DEBUG_ID} crash\nPUBLIC 10c 0 mine\n".encode()
    uploaded = post({f"{MODULE}/crash.sym": text}, uploader).json()["upload"]
    original = post({"crash": PROGRAM_FULL}, uploader).json()["upload"]
    assert original["files"][0]["derivation"] == "superseded"
    take_back(client, uploaded, uploader)
    assert error_of(result_of(client))[0] == "pending"
    assert Task.objects.get(name=TASK, state="waiting").arguments == {"upload_id": original["id"]}
    derive_pending(original["id"])
    (frame,) = result_of(client)["stacks"][0]
    assert frame["function"] == "outer"


def test_what_was_derived_with_a_part_that_goes_is_derived_from_the_rest(
    post: Post, uploader: str, client: Client
) -> None:
    first = post({"crash.debug": PROGRAM_DEBUG}, uploader).json()["upload"]
    second = post({"crash": PROGRAM}, uploader).json()["upload"]
    take_back(client, second, uploader)
    derive_pending(first["id"])
    (frame,) = result_of(client)["stacks"][0]
    assert frame["function"] == "outer"


def test_taking_all_of_it_back_derives_nothing(post: Post, uploader: str, client: Client) -> None:
    upload = post({"crash": PROGRAM_FULL}, uploader).json()["upload"]
    take_back(client, upload, uploader)
    assert error_of(result_of(client))[0] == "not_found"
    assert not Task.objects.filter(name=TASK, state="waiting").exists()


def test_what_is_derived_while_it_is_looked_for_is_pending(
    post: Post, uploader: str, client: Client, monkeypatch: pytest.MonkeyPatch, bucket: Path
) -> None:
    post({"crash": PROGRAM_FULL}, uploader)
    look_up = looking_up.symbolicate

    def before_it_was_stored(*arguments: object) -> object:
        """Look it up where it is not: so did a request that began a moment before."""
        found = look_up(*arguments)
        for symbols in found.values():
            symbols.fail("not_found", "no source has it")
        return found

    monkeypatch.setattr(looking_up, "symbolicate", before_it_was_stored)
    assert error_of(result_of(client))[0] == "pending"
    long_ago = timezone.now() - timedelta(minutes=1)
    FileUpload.objects.filter(derived=True).update(completed_at=long_ago)
    assert error_of(result_of(client))[0] == "not_found"


def test_a_file_that_was_never_stored_is_not_pending(
    post: Post, uploader: str, client: Client, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 100
    post({"crash": PROGRAM_FULL}, uploader)
    FileUpload.objects.update(completed_at=None)  # as one whose server was killed
    assert error_of(result_of(client))[0] == "not_found"
