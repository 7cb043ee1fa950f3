# SPDX-License-Identifier: MPL-2.0

"""How PostgreSQL finds the rows of the lists, and those that downloads and uploads ask for.

``benchmarks.lists --plans`` starts this.

It runs inside of the product, with ``DATABASE_URL`` in the environment, so that the queries are those of
the lists themselves.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode

import django
from django.conf import settings

_NOTHING = "nothing-has-this"

settings_module = "tecken.settings"


def main() -> None:
    """Print the plan of each query, without what it costs."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module)
    django.setup()
    from django.db import connection
    from django.http import QueryDict

    from benchmarks.lists import QUERIES
    from tecken.api.routers import downloads, files, uploads
    from tecken.download.microsoft.models import MicrosoftDownload
    from tecken.download.models import MissingSymbol
    from tecken.upload.models import FileUpload, Upload
    from tecken.upload.selectors import listed_uploads

    lists = {
        "uploads/": (uploads.LISTING, listed_uploads(Upload.objects.all())),
        "uploads/files/": (files.LISTING, FileUpload.objects.select_related("upload__user")),
        "downloads/missing/": (downloads.MISSING, MissingSymbol.objects.all()),
        "downloads/microsoft/": (
            downloads.MICROSOFT,
            MicrosoftDownload.objects.select_related("file"),
        ),
    }
    settings.DEBUG = True  # queries are kept
    for path, (listing, rows) in lists.items():
        for query, _ in QUERIES[path]:
            connection.queries_log.clear()
            listing.page(rows, QueryDict(urlencode(query)))
            print(f"{path} {query}")
            _print_plans()
    for title, ask in _questions().items():
        connection.queries_log.clear()
        ask()
        print(title)
        _print_plans()


def _questions() -> Mapping[str, Callable[[], object]]:
    """Return what is asked for by names and keys: common ones, rare ones, and what nobody has."""
    from tecken.core.storage.base import Content, ObjectInfo
    from tecken.core.storage.digest import Digest
    from tecken.core.storage.memory import MemoryBucket
    from tecken.core.storage.sources import Source
    from tecken.upload.deleted_objects import about_to_go
    from tecken.upload.models import FileUpload
    from tecken.upload.selectors import elf_files_from, elf_files_named
    from tecken.upload.services import complete_interrupted

    keys = list(FileUpload.objects.order_by("-pk").values_list("key", flat=True)[:2000])
    # A size that no row has: what was interrupted is looked for, and left as it is.
    info = ObjectInfo("", 0, "", datetime.now(UTC), Content())
    present = {key: (info, Digest(-1, "")) for key in keys}
    source = Source("symbols", "s3://symbols", MemoryBucket("symbols"), "", False)
    names = {
        f"/metadata?key=file&value={name}": partial(elf_files_named, name, with_try=False)
        for name in ("module0.so", "module999.so", "old.so", _NOTHING)
    }
    patterns = {
        f"/metadata?key=glob&value={start}*": partial(elf_files_from, start, with_try=False)
        for start in ("mod", "module99", "old", _NOTHING)
    }
    return {
        **names,
        **patterns,
        "/upload/check, what is about to be removed": partial(about_to_go, source, keys),
        "/upload/check, what was interrupted": partial(complete_interrupted, source, present),
    }


def _print_plans() -> None:
    """Print how the last queries are done."""
    from django.db import connection

    for statement in [entry["sql"] for entry in connection.queries if "FROM" in entry["sql"]]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (COSTS OFF) {statement.replace('%', '%%')}", [])
            plan = [line for (line,) in cursor.fetchall()]
        print(*_short(plan), sep="\n")


def _short(plan: list[str]) -> list[str]:
    """Return what is read, and how, of a plan; the counts of each row are left out."""
    kept = []
    for line in plan:
        if "SubPlan" in line:
            break
        if re.search(r"Scan|Limit|Sort|Join|Loop|Cond|Filter", line):
            kept.append("    " + line[:160])
    return kept


if __name__ == "__main__":
    main()
