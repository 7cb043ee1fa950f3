# SPDX-License-Identifier: MPL-2.0

"""The background tasks that derive symbols, for those who enqueue them: again later, or anew.

No thread waits for the turn of its node. A task whose turn has not come ends at once and is put off: the longer, the more
of them wait, so that they ask seldom, and never all together. Whoever is done wakes the next.
"""

import random
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from tecken.core.batches import batches
from tecken.core.native.kinds import DERIVABLE_KINDS
from tecken.core.storage.sources import Source
from tecken.jobs.models import Task
from tecken.jobs.registry import find_task
from tecken.jobs.services import bring_forward, enqueue, enqueue_once, put_off
from tecken.upload.deriving.build_files import is_in
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import with_uploads

DERIVE_UPLOAD: Final = "upload.derive_symbols"
DERIVE_STORED: Final = "upload.derive_stored"
DERIVE_UPSTREAM: Final = "upload.derive_upstream_symbols"

_RETRY_SECONDS: Final = 15
_MORE_SECONDS: Final = 1.5  # for each that waits
_MAX_SECONDS: Final = 300
_SPREAD: Final = 0.5
_MAX_COUNTED: Final = 1000
_IDS_AT_ONCE: Final = 200

_Derivation = FileUpload.Derivation


def try_again(task_name: str, **arguments: Any) -> None:
    """Have a task run again a little later, unless it waits already."""
    waiting = Task.objects.filter(name=task_name, state=Task.State.WAITING)[:_MAX_COUNTED].count()
    seconds = min(_RETRY_SECONDS + _MORE_SECONDS * waiting, _MAX_SECONDS)
    spread = random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311 - nobody must not guess it
    enqueue_once(find_task(task_name), delay_seconds=seconds * spread, **arguments)


def wake_next() -> None:
    """Have the next task of each sort that was put off run now, as the turn is free."""
    for name in (DERIVE_UPLOAD, DERIVE_STORED, DERIVE_UPSTREAM):
        row = put_off(find_task(name)).first()
        if row is not None:
            bring_forward(row)


def derive_anew(source: Source, removed: "QuerySet[FileUpload]") -> None:
    """Have symbols derived from the originals of the modules whose symbol files were removed just now.

    An uploaded symbol file has kept them from being derived; a derived one may have come with another part of its build.
    """
    symbol_files = removed.filter(key__iendswith=".sym")
    ids = set(symbol_files.order_by().values_list("debug_id", "derived"))
    for some in batches(ids, _IDS_AT_ONCE):
        uploaded = [debug_id for debug_id, is_derived in some if not is_derived]
        derived = [debug_id for debug_id, is_derived in some if is_derived]
        wanted = FileUpload.objects.filter(
            Q(debug_id__in=uploaded, derivation=_Derivation.SUPERSEDED)
            | Q(debug_id__in=derived, derivation=_Derivation.DONE),
            kind__in=DERIVABLE_KINDS,
            deleted_at=None,
            completed_at__isnull=False,
        )
        _derive(source, [row for row in with_uploads(wanted) if is_in(source, row)])


@transaction.atomic
def _derive(source: Source, rows: Iterable[FileUpload]) -> None:
    rows = list(rows)
    FileUpload.objects.filter(pk__in=[row.pk for row in rows]).update(
        derivation=_Derivation.PENDING, problem=""
    )
    for upload_id in {row.upload_id for row in rows} - {None}:
        enqueue(find_task(DERIVE_UPLOAD), upload_id=upload_id)
    for key in {row.key for row in rows if row.upload_id is None}:
        enqueue(find_task(DERIVE_STORED), source_name=source.name, object_key=key)
