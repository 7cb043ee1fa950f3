# SPDX-License-Identifier: MPL-2.0

"""``tecken demo``: what it loads works like anything else here, and goes without a trace."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.apps import apps
from django.test import Client
from pytest_django.fixtures import Settings
from tests.upload.examples import make_token, objects, zipped

from tecken.accounts.models import User
from tecken.commands.demo import uploads
from tecken.commands.demo.symbols import symbol_text
from tecken.commands.demo.uploads import UPLOADS, DemoUpload
from tecken.commands.main import cli
from tecken.download.misses import Downloads
from tecken.download.models import DownloadDay, MissingSymbol
from tecken.download.services import add_downloads
from tecken.symbolication.models import SymbolicationDay
from tecken.symbolication.services import supplier
from tecken.upload.models import FileUpload, Upload, UploadsCreated

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_is_migrated")]

# The same with modules of a few functions: to read and to store those of the demo takes seconds.
SMALL = tuple(
    replace(upload, modules=tuple(replace(module, functions=9) for module in upload.modules))
    for upload in UPLOADS
)
_STAYS = {"AuditEntry", "Task", "Group", "Permission", "ContentType"}  # for good, or by others


@pytest.fixture(autouse=True)
def bucket(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    folder = tmp_path / "symbols"
    folder.mkdir()
    settings.SYMBOL_URLS = (folder.as_uri(),)
    settings.UPLOAD_DEFAULT_URL = folder.as_uri()
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{folder.as_uri()}?prefix=try"
    supplier.cache_clear()
    yield folder
    supplier.cache_clear()


def demo(*arguments: str, made: Sequence[DemoUpload] = SMALL) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "UPLOADS", made)
        result = CliRunner().invoke(cli, ["demo", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def rows() -> dict[str, int]:
    """Count the rows of all tables that a demo may write to."""
    models = [model for model in apps.get_models() if model.__name__ not in _STAYS]
    return {model.__name__: model._default_manager.count() for model in models}


def post(token: str, members: dict[str, bytes]) -> int:
    archive = io.BytesIO(zipped(members))
    archive.name = "mine.zip"
    headers = {"Auth-Token": token}
    return Client().post("/upload/", {"mine.zip": archive}, headers=headers).status_code


def first_file() -> tuple[str, bytes]:
    module = SMALL[0].modules[0]
    return module.path, symbol_text(module)


def test_every_kind_of_upload_is_there() -> None:
    result = demo()
    assert result.exit_code == 0
    assert "tecken signin-link builder@demo.example" in result.stdout
    uploads = Upload.objects.all()
    assert uploads.filter(try_symbols=True).count() == 1
    assert uploads.filter(completed_at=None).count() == 1
    assert uploads.exclude(download_url="").count() == 1
    assert [len(upload.ignored_keys) for upload in uploads.exclude(ignored_keys=[])] == [2]
    assert [len(upload.skipped_keys) for upload in uploads.exclude(skipped_keys=[])] == [3]
    assert FileUpload.objects.filter(update=True).count() == 2
    assert FileUpload.objects.filter(completed_at=None).count() == 1
    days = UploadsCreated.objects.values_list("count", flat=True)
    assert sum(days) == uploads.count()
    assert len(days) > 5


def test_nobody_of_the_demo_is_a_superuser_and_one_is_not_active() -> None:
    demo()
    assert not User.objects.filter(is_superuser=True).exists()
    assert User.objects.filter(is_active=False).count() == 1


def test_its_symbols_can_be_downloaded_and_symbolicated_with() -> None:
    demo(made=UPLOADS)
    module = UPLOADS[0].modules[0]
    assert Client().get(f"/{module.path}").status_code == 302
    job = {"memoryMap": [[module.debug_file, module.debug_id]], "stacks": [[[0, 0x1055]]]}
    answer = Client().post("/symbolicate/v5", job, content_type="application/json").json()
    [frame] = answer["results"][0]["stacks"][0]
    assert frame["function"] == "demo::Tab::Open()"
    assert frame["inlines"][0]["function"] == "Rect::Intersect(Rect const&)"


def test_it_goes_without_a_trace(bucket: Path) -> None:
    before = rows()
    demo()
    assert rows() != before
    result = demo("--remove")
    assert result.exit_code == 0
    assert "9 uploads of 18 files, 15 objects and 10 missing symbols" in result.stdout
    assert rows() == before
    assert objects(bucket) == {}
    assert not [path for path in bucket.rglob(".index/**/*") if path.is_file()]
    assert demo("--remove").stdout == "There is no demo here.\n"


def test_what_others_count_on_the_same_days_stays() -> None:
    today = datetime.now(UTC).date()
    add_downloads([Downloads(today, found=7, missing=3)])
    SymbolicationDay.objects.create(date=today, version="v5", count=5)
    demo()
    assert DownloadDay.objects.get(date=today).found > 7
    demo("--remove")
    assert list(DownloadDay.objects.values_list("found", "missing")) == [(7, 3)]
    assert list(SymbolicationDay.objects.values_list("version", "count")) == [("v5", 5)]


def test_uploads_of_others_stay_and_so_does_what_they_share_with_the_demo(bucket: Path) -> None:
    path, text = first_file()
    demo()
    token = make_token("upload_symbols", email="you@example.com")
    own = "own.pdb/44E4EC8C2F41492B9369D6B9A059577C2/own.sym"
    module = b"MODULE windows x86_64 44E4EC8C2F41492B9369D6B9A059577C2 own.pdb\nFUNC 10 1 0 f\n"
    assert post(token, {path: text, own: module}) == 201  # the first is skipped
    demo("--remove")
    assert set(objects(bucket)) == {f"v1/{path}", f"v1/{own}"}
    assert [upload.user.email for upload in Upload.objects.all()] == ["you@example.com"]
    assert Client().get(f"/{path}").status_code == 302


def test_a_key_that_goes_is_not_remembered_as_there() -> None:
    path, _ = first_file()
    demo()
    assert Client().get(f"/{path}").status_code == 302
    demo("--remove")
    assert Client().get(f"/{path}").status_code == 404


def test_it_is_not_loaded_twice() -> None:
    demo()
    result = demo()
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: the demo is here already; tecken demo --remove takes it away\n",
    )
    assert Upload.objects.count() == len(UPLOADS)


def test_a_server_in_use_gets_it_only_when_that_is_said() -> None:
    path, text = first_file()
    assert post(make_token("upload_symbols", email="you@example.com"), {path: text}) == 201
    assert demo().exit_code == 1
    assert not MissingSymbol.objects.exists()
    assert demo("--yes").exit_code == 0
    demo("--remove")
    assert [upload.user.email for upload in Upload.objects.all()] == ["you@example.com"]
    assert list(UploadsCreated.objects.values_list("count", flat=True)) in ([], [1])


def test_a_demo_that_was_cut_off_while_loading_can_be_removed(
    bucket: Path, settings: Settings
) -> None:
    before = rows()
    settings.UPLOAD_DEFAULT_URL = (bucket / "gone").as_uri()
    assert CliRunner().invoke(cli, ["demo"]).exit_code == 1
    assert demo("--remove").exit_code == 0
    assert rows() == before
