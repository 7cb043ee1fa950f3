# SPDX-License-Identifier: MPL-2.0

"""Deriving symbols anew after a symbol file was taken back: from the native files of its build that stay."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from tecken.core.batches import batches
from tecken.core.native.kinds import DERIVABLE_KINDS
from tecken.core.storage.sources import Source
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue
from tecken.upload.build_files import is_in
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import with_uploads
from tecken.upload.task_names import DERIVE_STORED, DERIVE_UPLOAD

_Derivation = FileUpload.Derivation
_IDS_AT_ONCE = 200


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
