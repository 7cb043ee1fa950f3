# SPDX-License-Identifier: MPL-2.0

"""Missing symbol files are looked up at Microsoft's; a local server plays that, with a real cabinet."""

import importlib
import shutil
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import pytest
from django.apps import apps
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.download.conftest import Store
from tests.support.microsoft import (
    CABINET_PATH,
    DEBUG_FILE,
    DEBUG_ID,
    KEY,
    Microsoft,
    need_cabextract,
)
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.servers import S3
from tests.support.started_server import wait_until
from tests.support.upstreams import hang, raw_server

from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content
from tecken.core.storage.s3_options import S3Options
from tecken.download.microsoft import rules, services
from tecken.download.microsoft.models import MicrosoftDownload
from tecken.jobs.models import Task
from tecken.upload.models import FileUpload
from tecken.upload.spool import spool_folder
from tecken.web import upstreams
from tecken.web.sources import sources

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]
YET = b"Symbol Not Found Yet"


@pytest.fixture
def microsoft(
    settings: Settings, store: Store, real_data: Path, tmp_path: Path
) -> Iterator[Microsoft]:
    need_cabextract()
    folder = tmp_path / "microsoft"
    folder.mkdir()
    with ScriptedServer() as server:
        made = Microsoft(server, real_data, folder)
        made.serve_cabinet()
        settings.ENABLE_DOWNLOAD_FROM_MICROSOFT = True
        settings.MICROSOFT_DOWNLOAD_URL = made.settings["DJANGO_MICROSOFT_DOWNLOAD_URL"]
        settings.DUMP_SYMS_PATH = str(made.dump_syms)
        settings.DATA_DIR = tmp_path / "data"
        yield made


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """As in a process that has just started, of a fleet that has."""
    caches["default"].clear()
    services.verdicts.cache_clear()


@pytest.fixture
def look_up(client: Client, microsoft: Microsoft) -> Callable[..., MicrosoftDownload]:
    """Ask for a key that nobody has, and do what was left to the background."""

    def look_up(key: str = KEY) -> MicrosoftDownload:
        assert client.get(f"/{key}").content == YET
        [task] = Task.objects.filter(name="microsoft.look_up")
        services.look_up(**task.arguments)
        row = MicrosoftDownload.objects.get()
        assert row.completed_at is not None
        assert [*spool_folder().iterdir()] == []
        return row

    return look_up


LookUp = Callable[..., MicrosoftDownload]


def failed(row: MicrosoftDownload) -> str:
    """Return the error of a lookup that stored nothing."""
    assert (row.file, row.skipped) == (None, False)
    assert not FileUpload.objects.exists()
    return row.error


def test_what_microsoft_has_is_stored_and_found(
    client: Client, microsoft: Microsoft, look_up: LookUp
) -> None:
    row = look_up()
    assert (row.error, row.skipped) == ("", False)
    assert row.file is not None
    assert (row.file.key, row.file.upload) == (f"v1/{KEY}", None)
    assert (row.debug_file, row.debug_id) == (DEBUG_FILE, DEBUG_ID)
    assert row.url == f"{microsoft.server.url}{CABINET_PATH}"

    found = client.get(f"/{KEY}")
    assert found.status_code == 302
    file = client.get(found["Location"])
    assert b"".join(file.streaming_content) == microsoft.text
    assert client.get("/qipcap64.dll/6A4806059000/qipcap64.sym")["Location"] == f"/{KEY}"


def test_microsoft_is_asked_as_its_own_client_asks(microsoft: Microsoft, look_up: LookUp) -> None:
    look_up()
    assert microsoft.asked() == [f"GET {CABINET_PATH}"]
    [received] = microsoft.server.received
    assert received.headers["User-Agent"] == "Microsoft-Symbol-Server/6.3.0.0"


def test_it_is_off_unless_it_is_switched_on(
    client: Client, microsoft: Microsoft, settings: Settings
) -> None:
    settings.ENABLE_DOWNLOAD_FROM_MICROSOFT = False
    assert client.get(f"/{KEY}").content == b"Symbol Not Found"
    assert not Task.objects.exists()


def test_a_key_is_looked_up_once_in_a_while(
    client: Client, microsoft: Microsoft, settings: Settings
) -> None:
    for _ in range(3):
        assert client.get(f"/{KEY}").content == YET
        caches["default"].clear()
        services.verdicts.cache_clear()  # as in another process
    assert MicrosoftDownload.objects.count() == Task.objects.count() == 1
    settings.MICROSOFT_DOWNLOAD_CACHE_TTL_SECONDS = 1
    services.verdicts().forget(SymbolKey.parse(KEY), "")
    long_ago = MicrosoftDownload.objects.get().created_at.replace(year=2020)
    MicrosoftDownload.objects.update(created_at=long_ago)
    client.get(f"/{KEY}")
    assert MicrosoftDownload.objects.count() == Task.objects.count() == 2


def test_repeats_cost_no_database_work(
    client: Client, microsoft: Microsoft, django_assert_num_queries: Callable[..., object]
) -> None:
    client.get(f"/{KEY}")
    with django_assert_num_queries(0):
        services.start_lookup(SymbolKey.parse(KEY))


def test_a_head_looks_nothing_up(client: Client, microsoft: Microsoft) -> None:
    assert client.head(f"/{KEY}").status_code == 404
    assert not MicrosoftDownload.objects.exists()


@pytest.mark.parametrize("name", ["Foo.PDB/ABC1/foo.SYM", "foo.pdb/ABC1/FOO.sym"])
def test_names_are_known_in_any_case(client: Client, microsoft: Microsoft, name: str) -> None:
    assert client.get(f"/{name}").content == YET
    assert MicrosoftDownload.objects.get().symbol_file == name.rpartition("/")[2]


@pytest.mark.parametrize("name", ["foo.so/ABC1/foo.so.sym", "foo.pdb/ABC1/foo.pd_"])
def test_other_files_are_not_looked_up(client: Client, microsoft: Microsoft, name: str) -> None:
    assert client.get(f"/{name}").content == b"Symbol Not Found"
    assert not MicrosoftDownload.objects.exists()


def test_no_copies_are_made_under_other_names(client: Client, microsoft: Microsoft) -> None:
    assert client.get(f"/{DEBUG_FILE}/{DEBUG_ID}/other.sym").content == YET
    assert not MicrosoftDownload.objects.exists()


def test_only_so_many_wait(
    client: Client, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_MAX_WAITING", 3)
    for number in range(5):
        assert client.get(f"/foo.pdb/ABC{number}/foo.sym").content == YET
    assert Task.objects.count() == MicrosoftDownload.objects.count() == 3


def test_a_file_that_the_bucket_has_is_skipped(
    microsoft: Microsoft, store: Store, look_up: LookUp
) -> None:
    look_up()
    MicrosoftDownload.objects.update(file=None, completed_at=None)
    services.look_up(MicrosoftDownload.objects.get().pk)
    row = MicrosoftDownload.objects.get()
    assert (row.skipped, row.file, row.error) == (True, None, "")
    assert FileUpload.objects.count() == 1


def test_a_redirect_of_the_server_is_followed(microsoft: Microsoft, look_up: LookUp) -> None:
    microsoft.server.routes[CABINET_PATH] = Answer(302, headers={"Location": "/elsewhere"})
    microsoft.server.routes["/elsewhere"] = Answer(body=microsoft.cabinet)
    assert look_up().file is not None


@pytest.mark.parametrize("location", ["http://10.0.0.1/x", "http://127.0.0.2/x", "file:///etc"])
def test_a_redirect_into_a_private_network_is_not(
    microsoft: Microsoft, look_up: LookUp, location: str
) -> None:
    microsoft.server.routes[CABINET_PATH] = Answer(302, headers={"Location": location})
    error = failed(look_up())
    assert "not a public one" in error or "not a URL that can be fetched" in error


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), "can't be found (404)"),
        (Answer(403), "can't be found (403)"),
        (Answer(500), "the server answered 500"),
        (Answer(body=b"<html>junk</html>"), "is not a cabinet: it begins with b'<htm'"),
        (Answer(body=b""), "is not a cabinet: it begins with b''"),
        (Answer(body=b"MSCF and then junk"), "cabextract failed with status 1"),
        (Answer(body=b"MSCF" + bytes(5000)), "cabextract failed with status 1"),
        (Answer(302, headers={"Location": CABINET_PATH}), "it redirects too often"),
    ],
)
def test_what_microsoft_has_not_is_an_error_on_the_row(
    microsoft: Microsoft, look_up: LookUp, answer: Answer, error: str
) -> None:
    microsoft.server.routes[CABINET_PATH] = answer
    assert error in failed(look_up())


def test_a_cabinet_that_is_cut_off_is_an_error(microsoft: Microsoft, look_up: LookUp) -> None:
    cut = Answer(body=microsoft.cabinet, cut_after=len(microsoft.cabinet) // 2)
    microsoft.server.routes[CABINET_PATH] = cut
    assert "the connection broke" in failed(look_up())
    upstreams._server.cache_clear()  # or this file is left alone for a second
    microsoft.server.routes[CABINET_PATH] = Answer(
        body=microsoft.cabinet[: len(microsoft.cabinet) // 2]
    )
    services.look_up(MicrosoftDownload.objects.get().pk)
    assert "cabextract failed" in failed(MicrosoftDownload.objects.get())


def test_an_endless_answer_is_cut(
    microsoft: Microsoft, look_up: LookUp, settings: Settings
) -> None:
    settings.MICROSOFT_DOWNLOAD_MAX_BYTES = 1_000_000
    endless = Answer(chunks=lambda: repeat(b"MSCF" * 10_000))
    microsoft.server.routes[CABINET_PATH] = endless
    assert "it has more than the 1,000,000 bytes" in failed(look_up())


def test_a_server_that_hangs_costs_its_time_out_once(
    client: Client, microsoft: Microsoft, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_CONNECT_SECONDS", 0.1)
    monkeypatch.setattr(rules, "_READ_SECONDS", 0.1)
    with raw_server(hang) as server:
        settings.MICROSOFT_DOWNLOAD_URL = server.url
        for number in range(5):
            client.get(f"/foo.pdb/ABC{number}/foo.sym")
        for row in MicrosoftDownload.objects.order_by("pk"):
            services.look_up(row.pk)
        wait_until(lambda: bool(server.paths), "the server reads what it was asked")
        assert len(server.paths) == 1
    errors = [row.error for row in MicrosoftDownload.objects.order_by("pk")]
    assert "did not answer in time" in errors[0]
    assert all("is not asked for a moment" in error for error in errors[1:])


def test_a_large_pdb_is_not_unpacked(
    microsoft: Microsoft, look_up: LookUp, settings: Settings
) -> None:
    settings.MICROSOFT_DOWNLOAD_MAX_BYTES = len(microsoft.cabinet) + 1000
    assert "cabextract wrote more than" in failed(look_up())


def test_a_server_that_is_not_there_is_an_error(
    microsoft: Microsoft, look_up: LookUp, settings: Settings
) -> None:
    settings.MICROSOFT_DOWNLOAD_URL = "http://127.0.0.1:1/symbols"
    assert "the server cannot be reached" in failed(look_up())


def test_a_cabinet_without_the_pdb_is_an_error(microsoft: Microsoft, look_up: LookUp) -> None:
    other = f"/download/symbols/other.pdb/{DEBUG_ID}/other.pd_"
    microsoft.server.routes[other] = Answer(body=microsoft.cabinet)
    assert "has no other.pdb" in failed(look_up(f"other.pdb/{DEBUG_ID}/other.sym"))


def test_symbols_of_another_module_are_an_error(microsoft: Microsoft, look_up: LookUp) -> None:
    path = CABINET_PATH.replace(DEBUG_ID, "ABC1")
    microsoft.server.routes[path] = Answer(body=microsoft.cabinet)
    error = failed(look_up(KEY.replace(DEBUG_ID, "ABC1")))
    assert f"has the debug id {DEBUG_ID}" in error


@pytest.mark.parametrize("name", ["CABEXTRACT_PATH", "DUMP_SYMS_PATH"])
def test_without_a_program_the_row_says_so(look_up: LookUp, settings: Settings, name: str) -> None:
    setattr(settings, name, "/nowhere/program")
    assert failed(look_up()) == "/nowhere/program is not installed"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("echo cannot read this >&2; exit 1", "program failed with status 1: cannot read this"),
        ("sleep 60", "program was not done after 2 s"),
        ("yes", "program wrote more than 1000000 bytes"),
        ("true", "has no MODULE line"),
        ("echo this is no symbol file", "has no MODULE line"),
    ],
)
def test_a_dump_syms_that_misbehaves_is_an_error(
    microsoft: Microsoft, look_up: LookUp, settings: Settings, line: str, error: str
) -> None:
    settings.MICROSOFT_DOWNLOAD_TIMEOUT = 2
    settings.MICROSOFT_DOWNLOAD_MAX_BYTES = 1_000_000
    settings.DUMP_SYMS_PATH = str(microsoft.program(line))
    assert error in failed(look_up())


def test_trouble_with_storage_is_an_error(
    look_up: LookUp, client: Client, settings: Settings, tmp_path: Path
) -> None:
    # The source that uploads go to is asked last.
    settings.SYMBOL_URLS = settings.SYMBOL_URLS[:1]
    shutil.rmtree(tmp_path / "second")
    assert "second" in failed(look_up())


def test_old_rows_go(microsoft: Microsoft, client: Client) -> None:
    from tecken.download.microsoft.retention import forget_downloads

    client.get(f"/{KEY}")
    assert forget_downloads(dry_run=False) == 0
    row = MicrosoftDownload.objects.get()
    MicrosoftDownload.objects.update(created_at=row.created_at.replace(year=2020))
    assert forget_downloads(dry_run=True) == 1
    assert forget_downloads(dry_run=False) == 1
    services.look_up(row.pk)
    assert microsoft.asked() == []


def test_nobody_keeps_not_found_yet(
    client: Client, microsoft: Microsoft, settings: Settings
) -> None:
    settings.DOWNLOAD_CACHE_SECONDS = 100
    assert client.get(f"/{KEY}")["Cache-Control"] == "no-store"
    assert "max-age" in client.get("/foo.so/ABC1/foo.so.sym")["Cache-Control"]


def test_that_s3_has_not_got_it_is_not_remembered(
    client: Client,
    microsoft: Microsoft,
    settings: Settings,
    s3: S3,
    make_bucket: Callable[..., str],
) -> None:
    settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key)
    settings.SYMBOL_URLS = (f"{s3.endpoint}/{make_bucket()}",)
    settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[0]
    assert client.get(f"/{KEY}").content == YET
    [source] = sources()
    # By somebody who tells no cache of it.
    source.bucket.put(source.object_key(SymbolKey.parse(KEY)), microsoft.text, Content())
    assert client.get(f"/{KEY}").status_code == 302


def listed(client: Client, query: str = "") -> list[dict[str, object]]:
    response = client.get(f"/api/downloads/microsoft/{query}")
    assert response.status_code == 200, response.content
    rows: list[dict[str, object]] = response.json()["microsoft_downloads"]
    return rows


def test_lookups_are_listed(client: Client, microsoft: Microsoft, look_up: LookUp) -> None:
    stored = look_up().file
    assert stored is not None
    [row] = listed(client)
    assert row | {"id": 0, "created_at": "", "completed_at": ""} == {
        "id": 0,
        "url": f"{microsoft.server.url}{CABINET_PATH}",
        "symbol": DEBUG_FILE,
        "debugid": DEBUG_ID,
        "filename": "qipcap64.sym",
        "error": None,
        "skipped": False,
        "file": {
            "id": stored.pk,
            "bucket_name": "second",
            "key": f"v1/{KEY}",
            "update": False,
            "size": stored.size,
            "original_size": len(microsoft.text),
        },
        "created_at": "",
        "completed_at": "",
    }
    assert str(row["completed_at"]).endswith("Z")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "skipped missing broken waiting"),
        ("?state=all", "skipped missing broken waiting"),
        ("?state=errors", "missing broken"),
        ("?state=specific-error&error=404", "missing"),
        ("?error=!404,!junk", "skipped waiting"),
        ("?state=skipped", "skipped"),
        ("?state=file", ""),
        ("?state=incomplete", "waiting"),
        ("?symbol=ISSI", "missing"),
        ("?debugid=%3DABC", "skipped missing broken waiting"),
        ("?created_at=%3C2020-01-01", ""),
        ("?created_at=today&sort=created_at&reverse=true", "skipped missing broken waiting"),
        ("?page=2", ""),
    ],
)
def test_the_list_has_filters(client: Client, query: str, expected: str) -> None:
    kinds: dict[str, dict[str, object]] = {
        "waiting": {"completed_at": None},
        "broken": {"error": "junk"},
        "missing": {"error": "can't be found (404)"},
        "skipped": {"skipped": True},
    }
    for name, fields in kinds.items():
        MicrosoftDownload.objects.create(
            debug_file=name, debug_id="ABC", turn=0, **{"completed_at": timezone.now(), **fields}
        )
    assert [row["symbol"] for row in listed(client, query)] == expected.split()


def test_a_filter_that_makes_no_sense_is_named(client: Client) -> None:
    response = client.get("/api/downloads/microsoft?state=odd&created_at=x&error=%00")
    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"state", "created_at", "error"}


def test_turns_of_the_task_that_there_was_are_forgotten() -> None:
    for name in ("microsoft.sweep_folders", "microsoft.forget_downloads"):
        Task.objects.create(name=name, slot=f"{name} 1")
    module = importlib.import_module(
        "tecken.download.microsoft.migrations.0002_microsoft_no_sweeping"
    )
    module.forget_sweeping(apps, None)
    assert [task.name for task in Task.objects.all()] == ["microsoft.forget_downloads"]
