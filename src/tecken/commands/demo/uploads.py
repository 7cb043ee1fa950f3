# SPDX-License-Identifier: MPL-2.0

"""The uploads of the demo: real ones, that went through what every upload goes through.

Only their times are changed after, so that they look like those of two weeks.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile

from django.db.models import F

from tecken.accounts.models import User
from tecken.commands.demo.symbols import DemoModule, symbol_text
from tecken.core.identifiers import parse_stored_key
from tecken.core.storage.storing import remove
from tecken.upload.buckets import Destination, choose_destination
from tecken.upload.by_url import Origin
from tecken.upload.daily import count_day
from tecken.upload.models import FileUpload, Upload
from tecken.upload.services import store_upload
from tecken.upload.spool import SpooledArchive, spool_folder

_ZIP_TIME = (2026, 1, 1, 0, 0, 0)  # the same archive each time


@dataclass(frozen=True, slots=True)
class DemoUpload:
    """An archive of the symbol files of some modules, sent so many hours ago."""

    user: str
    name: str
    hours_ago: float
    modules: tuple[DemoModule, ...]
    generator: str = "dump_syms 2.3.4"
    ignored: tuple[str, ...] = ()
    url: str | None = None
    interrupted: bool = False


def _build(version: str) -> dict[str, tuple[DemoModule, ...]]:
    """Return the modules of a version, by system."""
    return {
        "windows": (
            DemoModule("windows", "demo-browser.pdb", version, 220, "demo-browser.exe"),
            DemoModule("windows", "demo-engine.pdb", version, 3200, "demo-engine.dll"),
            DemoModule("windows", "demo-media.pdb", version, 640, "demo-media.dll"),
        ),
        "linux": (
            DemoModule("Linux", "demo-browser", version, 210),
            DemoModule("Linux", "libdemo-engine.so", version, 3100),
        ),
        "mac": (
            DemoModule("mac", "demo-browser", version, 200),
            DemoModule("mac", "DemoEngine", version, 3000),
        ),
    }


_FIRST, _SECOND, _TRY = _build("1.0"), _build("1.1"), _build("1.2-try")

UPLOADS = (
    DemoUpload("builder", "demo-1.0-windows-symbols.zip", 290, _FIRST["windows"]),
    DemoUpload(
        "builder",
        "demo-1.0-linux-symbols.zip",
        289,
        _FIRST["linux"],
        ignored=("demo-1.0-linux-symbols.txt", "demo-browser/.DS_Store"),
    ),
    DemoUpload("release", "demo-1.0-mac-symbols.zip", 240, _FIRST["mac"]),
    DemoUpload("builder", "demo-1.0-windows-symbols.zip", 239.5, _FIRST["windows"]),
    DemoUpload("release", "demo-1.0-mac-symbols.zip", 170, _FIRST["mac"], "dump_syms 2.3.5"),
    DemoUpload("try", "demo-1.2-try-symbols.zip", 76, _TRY["linux"]),
    DemoUpload(
        "release",
        "demo-1.1-windows-symbols.zip",
        50,
        _SECOND["windows"],
        url="https://artifacts.demo.example/1.1/demo-1.1-windows-symbols.zip",
    ),
    DemoUpload("builder", "demo-1.1-linux-symbols.zip", 26, _SECOND["linux"]),
    DemoUpload("builder", "demo-1.1-mac-symbols.zip", 3, _SECOND["mac"], interrupted=True),
)


def load_uploads(people: Mapping[str, User]) -> None:
    """Upload everything, and count the days. Raises StorageError."""
    days = {_load(people[upload.user], upload).created_at.date() for upload in UPLOADS}
    for day in days:
        count_day(day)


def _load(user: User, asked: DemoUpload) -> Upload:
    data = _archive(asked)
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    destination = choose_destination(user.email, user.get_all_permissions(), wants_try=False)
    origin = Origin(asked.url, ()) if asked.url else None
    spool_folder().mkdir(parents=True, exist_ok=True)
    with TemporaryFile() as file:
        file.write(data)
        spooled = SpooledArchive(file, asked.name, len(data), digest)
        upload = store_upload(user, spooled, destination, origin).upload
    if asked.interrupted:
        _interrupt(upload, destination)
    _put_back(upload, timedelta(hours=asked.hours_ago))
    return upload


def _archive(asked: DemoUpload) -> bytes:
    members = {module.path: symbol_text(module, asked.generator) for module in asked.modules}
    members |= dict.fromkeys(asked.ignored, b"demo\n")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _interrupt(upload: Upload, destination: Destination) -> None:
    """Leave an upload as one is left whose server was killed before its last file."""
    last = upload.files.order_by("pk")[upload.files.count() - 1]
    remove(destination.source, parse_stored_key(last.symbol_key))
    FileUpload.objects.filter(pk=last.pk).update(completed_at=None, size=None)
    Upload.objects.filter(pk=upload.pk).update(completed_at=None)


def _put_back(upload: Upload, by: timedelta) -> None:
    """Let an upload have been some time ago."""
    times = {"created_at": F("created_at") - by, "completed_at": F("completed_at") - by}
    upload.files.update(**times)
    Upload.objects.filter(pk=upload.pk).update(**times)
    upload.refresh_from_db(fields=["created_at"])
