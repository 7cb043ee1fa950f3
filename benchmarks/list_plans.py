# SPDX-License-Identifier: MPL-2.0

"""How PostgreSQL finds the rows of the lists; ``benchmarks.lists --plans`` starts this.

It runs inside of the product, with ``DATABASE_URL`` in the environment, so that the queries are those of
the lists themselves.
"""

import re
from urllib.parse import urlencode

import django
from django.conf import settings

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
            asked = [entry["sql"] for entry in connection.queries if "FROM" in entry["sql"]]
            print(f"{path} {query}")
            for statement in asked:
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
