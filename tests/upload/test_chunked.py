# SPDX-License-Identifier: MPL-2.0

"""``/api/0/…``: files that arrive in chunks, as sentry-cli sends them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_FULL,
    source_bundle,
)
from tests.upload.chunks import ASSEMBLE, CHUNKS, Cli, chunks_in, run_tasks, sha1
from tests.upload.examples import NAME, TEXT, make_token, objects

from tecken.accounts.models import User
from tecken.core.errors import StorageUnavailableError
from tecken.jobs.models import Task
from tecken.upload.chunked import assembling, services
from tecken.upload.chunked.assembling import assemble_batch
from tecken.upload.models import ChunkedFile, FileUpload, Upload, UploadChunk
from tecken.upload.spool import spool_folder

FOLDER = f"v1/.native/{BUILD_ID[:2]}/{BUILD_ID[2:]}"


def test_what_a_client_is_told_first(cli: Cli) -> None:
    options = cli.ask("GET", CHUNKS).json()
    assert options["url"] == CHUNKS
    assert (options["hashAlgorithm"], options["compression"]) == ("sha1", ["gzip"])
    assert options["chunkSize"] * 4 == options["maxRequestSize"]
    assert options["maxFileSize"] == 4 * 1024**3
    assert "sources" in options["accept"]
    assert cli.ask("GET", CHUNKS[:-1]).status_code == 200


def test_a_token_is_told_whose_it_is(cli: Cli, client: Client) -> None:
    told = cli.ask("GET", "/api/0/").json()
    assert told["auth"] == {"scopes": ["upload_symbols"]}
    assert told["user"]["email"] == User.objects.get().email
    assert cli.ask("POST", "/api/0/").status_code == 405
    assert client.get("/api/0/").status_code == 401
    wrong = client.get("/api/0/", headers={"Authorization": f"Bearer {'f' * 32}"})
    assert wrong.status_code == 401


def test_files_of_a_call_become_one_upload(cli: Cli, bucket: Path, client: Client) -> None:
    files = {"crash": PROGRAM, "crash.debug": PROGRAM_DEBUG, "sources": source_bundle()}
    first = cli.assemble(files)
    assert {told["state"] for told in first.values()} == {"not_found"}
    assert first["crash"]["missingChunks"] == list(map(sha1, cli.cut(PROGRAM)))
    for data in files.values():
        assert cli.send(*cli.cut(data)).status_code == 200
    assert cli.states(files) == ["created"] * 3
    assert cli.states(files) == ["created"] * 3  # and nothing is begun twice
    assert Upload.objects.count() == 0
    assert Task.objects.filter(name=services.TASK).count() == 1
    run_tasks()
    told = cli.assemble(files)
    assert {one["state"] for one in told.values()} == {"ok"}
    dif = told["crash.debug"]["dif"]
    assert (dif["uuid"], dif["objectName"]) == (
        "6183bec6-9ae2-ce54-ecfa-6fca10f44c9c",
        "crash.debug",
    )
    assert dif["data"] == {"type": "dbg", "features": ["debug", "symtab"]}
    upload = Upload.objects.get()
    assert (upload.filename, upload.size) == ("crash and 2 others", sum(map(len, files.values())))
    assert upload.completed_at
    assert objects(bucket)[f"{FOLDER}/debuginfo"] == PROGRAM_DEBUG
    assert client.get(f"/crash/{DEBUG_ID}/crash.sym").status_code == 302
    assert {row.kind for row in FileUpload.objects.all()} == {"elf", "sourcebundle", "breakpad"}
    assert chunks_in(bucket) == []
    assert UploadChunk.objects.count() == 0
    assert list(spool_folder().iterdir()) == []


def test_a_symbol_file_lies_where_its_module_says(cli: Cli, bucket: Path) -> None:
    told = cli.upload({"some.sym": TEXT})["some.sym"]
    assert told["state"] == "ok"
    assert told["dif"]["debugId"] == "44e4ec8c-2f41-492b-9369-d6b9a059577c-2"
    assert set(objects(bucket)) == {f"v1/{NAME}"}


def test_what_is_there_is_not_sent_again(cli: Cli, try_uploader: str) -> None:
    cli.upload({"crash": PROGRAM_FULL})
    assert cli.states({"other name": PROGRAM_FULL}) == ["ok"]
    assert Upload.objects.count() == 1
    other = Cli(cli.client, make_token("upload_symbols", email="other@example.com"))
    # Who finds it there has brought it, too: that counts when old files are removed.
    assert other.states({"crash": PROGRAM_FULL}) == ["ok"]
    found = Upload.objects.latest("pk")
    assert (found.user.email, found.skipped_keys) == ("other@example.com", [f"{FOLDER}/executable"])
    assert other.states({"crash": PROGRAM_FULL}) == ["ok"]
    assert Upload.objects.count() == 2
    # Try symbols lie elsewhere.
    assert Cli(cli.client, try_uploader).states({"crash": PROGRAM_FULL}) == ["not_found"]


def test_what_was_removed_or_taken_back_is_sent_again(cli: Cli, bucket: Path) -> None:
    files = {"crash": PROGRAM_FULL}
    cli.upload(files)
    stored = bucket / FOLDER / "executable"
    content = stored.read_bytes()
    stored.unlink()
    ChunkedFile.objects.update(changed_at=timezone.now() - timedelta(minutes=2))
    assert cli.states(files) == ["not_found"]
    assert cli.upload(files)["crash"]["state"] == "ok"
    assert stored.read_bytes() == content
    FileUpload.objects.update(deleted_at=timezone.now())
    assert cli.states(files) == ["not_found"]


def test_what_was_taken_back_and_others_have_brought_too_is_not_sent_again(
    cli: Cli, client: Client
) -> None:
    files = {"crash": PROGRAM_FULL}
    cli.upload(files)
    other = Cli(cli.client, make_token("upload_symbols", email="other@example.com"))
    assert other.states(files) == ["ok"]
    first = Upload.objects.earliest("pk")
    url = f"/api/uploads/upload/{first.pk}"
    assert client.delete(url, headers={"Auth-Token": cli.token}).status_code == 200
    [row] = FileUpload.objects.filter(upload=first, derived=False)
    assert (row.removal, row.deleted_at is None) == ("kept", False)
    ChunkedFile.objects.update(changed_at=timezone.now() - timedelta(minutes=2))
    assert other.states(files) == ["ok"]


def test_files_are_written_down_in_one_order_however_they_are_asked_for(cli: Cli) -> None:
    """Two calls for the same files at once, each in another order, would else wait for each other's rows for ever."""
    files = {f"file {number}": PROGRAM_FULL + bytes([number]) for number in range(8)}
    for data in files.values():
        cli.send(*cli.cut(data))
    for names in (sorted(files), sorted(files, reverse=True)):
        assert cli.states({name: files[name] for name in names}) == ["created"] * 8
        written = ChunkedFile.objects.order_by("pk").values_list("sha1", flat=True)
        assert list(written) == sorted(map(sha1, files.values()))
        ChunkedFile.objects.all().delete()


def test_what_was_replaced_is_sent_again(cli: Cli) -> None:
    files, others = {"crash": PROGRAM_FULL + b"1"}, {"crash": PROGRAM_FULL + b"2"}
    for one, other in ((files, others), (others, files)):
        assert cli.upload(one)["crash"]["state"] == "ok"
        assert cli.states(other) == ["not_found"]


def test_of_what_was_sent_before_only_the_rest_is_asked_for(cli: Cli) -> None:
    first, second, *rest = cli.cut(PROGRAM_FULL)
    cli.send(first, second)
    told = cli.assemble({"crash": PROGRAM_FULL})["crash"]
    assert (told["state"], told["missingChunks"]) == ("not_found", list(map(sha1, rest)))
    # A chunk that is there already changes nothing.
    key = UploadChunk.objects.get(sha1=sha1(first)).key
    assert cli.send(first).status_code == 200
    assert UploadChunk.objects.get(sha1=sha1(first)).key == key


def test_nobody_gets_files_of_the_chunks_of_others(cli: Cli) -> None:
    cli.send(*cli.cut(PROGRAM_FULL))
    other = Cli(cli.client, make_token("upload_symbols", email="other@example.com"))
    assert other.states({"crash": PROGRAM_FULL}) == ["not_found"]


def test_try_symbols_go_to_their_bucket(client: Client, bucket: Path, try_uploader: str) -> None:
    cli = Cli(client, try_uploader)
    assert cli.upload({"crash": PROGRAM_FULL})["crash"]["state"] == "ok"
    assert all(key.startswith("try/v1/") for key in objects(bucket))
    assert Upload.objects.get().try_symbols


def test_who_may_not_upload_reads_why(cli: Cli, stranger: str) -> None:
    for token, status, error in (
        ("", 401, "This requires an API token of this server: Authorization: Bearer …"),
        ("f" * 32, 401, "API Token not matched"),
        (stranger, 403, "Forbidden"),
    ):
        cli.token = token
        for method, url in (("GET", CHUNKS), ("POST", CHUNKS), ("POST", ASSEMBLE)):
            answer = cli.ask(method, url)
            assert (answer.status_code, answer.json()) == (status, {"error": error})
            assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


def test_a_session_is_no_token(cli: Cli) -> None:
    cli.client.force_login(User.objects.get())
    assert cli.client.get(CHUNKS).status_code == 401
    assert cli.client.post(ASSEMBLE, "{}", "application/json").status_code == 401


def test_other_methods_are_refused(cli: Cli) -> None:
    for method, url in (("PUT", CHUNKS), ("GET", ASSEMBLE), ("DELETE", ASSEMBLE)):
        assert cli.ask(method, url).status_code == 405


ERRORS = {
    "no native file": (b"#!/bin/sh", "It is neither a symbol file nor a native file of a kind"),
    "no module": (b"MODULE \n", "It is neither a symbol file nor a native file of a kind"),
    "bad name": (b"MODULE Linux x86 ABC0 a<b\n", "Its MODULE line can name no symbol file: 'a<b'"),
    "a forbidden snippet": (
        TEXT + b"FILE 1 qcom/proprietary/x.c\n",
        "Content of archive file contains the snippet 'qcom/proprietary' which is not allowed",
    ),
    "no id": (PROGRAM_FULL[:100], "The table of section headers goes beyond the end"),
}


@pytest.mark.parametrize(("data", "error"), ERRORS.values(), ids=ERRORS)
def test_a_file_that_is_refused_does_not_keep_others_from_being_stored(
    cli: Cli, bucket: Path, data: bytes, error: str
) -> None:
    told = cli.upload({"bad": data, "sources": source_bundle()})
    assert (told["bad"]["state"], told["sources"]["state"]) == ("error", "ok")
    assert told["bad"]["detail"].startswith(error)
    assert FileUpload.objects.get().kind == "sourcebundle"
    assert Upload.objects.count() == 1


def test_a_name_may_be_refused(cli: Cli, bucket: Path) -> None:
    told = cli.upload({"a/qcom/proprietary/x": PROGRAM_FULL, "sources": source_bundle()})
    assert [one["state"] for one in told.values()] == ["error", "ok"]


def test_nothing_is_stored_when_all_are_refused(cli: Cli, bucket: Path) -> None:
    assert cli.upload({"bad": b"#!"})["bad"]["state"] == "error"
    assert (Upload.objects.count(), FileUpload.objects.count()) == (0, 0)
    assert {key for key in objects(bucket) if "/.parts/" not in key} == set()


def test_two_symbol_files_of_one_module_are_not_both_stored(cli: Cli) -> None:
    told = cli.upload({"a.sym": TEXT, "b.sym": TEXT + b"PUBLIC 2000 0 other\n"})
    assert sorted(one["state"] for one in told.values()) == ["error", "ok"]
    assert f"is of the same module, {NAME}" in json.dumps(told)


def test_of_two_files_of_one_id_the_richer_is_stored_and_both_are_fine(
    cli: Cli, bucket: Path
) -> None:
    told = cli.upload({"stripped": PROGRAM, "crash": PROGRAM_FULL})
    assert [one["state"] for one in told.values()] == ["ok", "ok"]
    assert objects(bucket)[f"{FOLDER}/executable"] == PROGRAM_FULL
    assert cli.upload({"crash again": PROGRAM + b"\0"})["crash again"]["state"] == "ok"


def test_a_native_file_may_be_called_sym(cli: Cli) -> None:
    assert cli.upload({"crash.sym": PROGRAM_FULL})["crash.sym"]["state"] == "ok"
    assert FileUpload.objects.get(kind="elf").debug_file == "crash"


def test_chunks_that_make_another_file_are_told(cli: Cli) -> None:
    chunks = cli.cut(PROGRAM_FULL)
    cli.send(*chunks)
    wanted = {"f" * 40: {"name": "crash", "chunks": list(map(sha1, chunks))}}
    body = json.dumps(wanted).encode()
    assert cli.ask("POST", ASSEMBLE, body).json()["f" * 40]["state"] == "created"
    run_tasks()
    told = cli.ask("POST", ASSEMBLE, body).json()["f" * 40]
    assert told["state"] == "error"
    assert told["detail"] == f"Its chunks make another file, with the SHA-1 {sha1(PROGRAM_FULL)}"
    # What was refused is tried again, a little later.
    ChunkedFile.objects.update(changed_at=timezone.now() - timedelta(minutes=11))
    assert cli.ask("POST", ASSEMBLE, body).json()["f" * 40]["state"] == "created"


def test_a_lost_chunk_is_asked_for_again(cli: Cli, bucket: Path) -> None:
    files = {"crash": PROGRAM_FULL}
    cli.send(*cli.cut(PROGRAM_FULL))
    assert cli.states(files) == ["created"]
    row = UploadChunk.objects.order_by("pk")[1]
    (bucket / row.key).unlink()
    run_tasks()
    told = cli.assemble(files)["crash"]
    assert (told["state"], told["missingChunks"]) == ("not_found", [row.sha1])
    assert cli.upload(files)["crash"]["state"] == "ok"


def test_assembling_that_was_interrupted_begins_anew(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"crash": PROGRAM_FULL}
    cli.send(*cli.cut(PROGRAM_FULL))
    cli.assemble(files)
    task = Task.objects.get(name=services.TASK)

    def away(*_arguments: object, **_more: object) -> None:
        raise StorageUnavailableError("symbols", None, "away")

    with monkeypatch.context() as patched:
        patched.setattr(assembling, "measured_upload", away)
        with pytest.raises(StorageUnavailableError):
            assemble_batch(**task.arguments)
    assert cli.states(files) == ["assembling"]
    # Its task is given up in the end, and who asks then begins another one.
    long_ago = timezone.now() - timedelta(hours=1)
    ChunkedFile.objects.update(changed_at=long_ago)
    assert cli.states(files) == ["assembling"]
    Task.objects.update(state=Task.State.FAILED)
    assert cli.states(files) == ["created"]
    run_tasks()
    assert cli.states(files) == ["ok"]
    assemble_batch(**task.arguments)  # late, and nothing is left to do
    assert Upload.objects.count() == 1


def test_chunks_that_another_call_needs_are_kept(cli: Cli, bucket: Path) -> None:
    head = PROGRAM_FULL[: cli.chunk_bytes]
    other = {"other": head + b"other"}
    cli.send(*cli.cut(PROGRAM_FULL))
    cli.assemble({"crash": PROGRAM_FULL})
    assert cli.assemble(other)["other"]["missingChunks"] == [sha1(b"other")]
    run_tasks()
    assert [row.sha1 for row in UploadChunk.objects.all()] == [sha1(head)]
    assert len(chunks_in(bucket)) == 1
