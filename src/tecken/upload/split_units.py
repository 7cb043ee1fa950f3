# SPDX-License-Identifier: MPL-2.0

"""Files with split units (``.dwp``) and the programs that refer to them, which find each other by the ids of units.

Either may come first. Whoever comes writes its ids down, and looks for the other then: one of both sees the other.
"""

from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from tecken.core.native.kinds import Role
from tecken.core.storage.sources import Source
from tecken.upload.build_files import is_in
from tecken.upload.models import FileUpload, SplitId
from tecken.upload.object_holders import with_uploads

LACKS_SPLIT: Final = (
    "a part of its debug information is in files of split units, which are missing or damaged: pack them with `dwp`,"
    " and upload the .dwp"
)
_SIGNED_END = 1 << 63


def note_split_ids(file: FileUpload, ids: Collection[int]) -> None:
    """Write down the ids of split units in a file, or those that a program refers to, instead of what was known."""
    wanted = {_signed(one) for one in ids}
    known = SplitId.objects.filter(file=file)
    if {*known.values_list("split_id", flat=True)} == wanted:
        return
    with transaction.atomic():
        known.delete()
        SplitId.objects.bulk_create(SplitId(file=file, split_id=one) for one in sorted(wanted))


def find_split(source: Source, ids: Collection[int]) -> FileUpload | None:
    """Return the file of a source that has most of some split units, and of several the newest."""
    counts: dict[int, int] = {}
    with_ids = SplitId.objects.filter(split_id__in=map(_signed, ids), file__role=Role.SPLIT)
    for pk in with_ids.values_list("file", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    files = FileUpload.objects.filter(pk__in=counts, completed_at__isnull=False, deleted_at=None)
    there = [row for row in with_uploads(files) if is_in(source, row)]
    return max(there, key=lambda row: (counts[row.pk], row.pk), default=None)


def lacking(source: Source, ids: Collection[int]) -> "QuerySet[FileUpload]":
    """Return the files of modules that refer to some split units and lack them, or of which nothing could be read."""
    with_ids = SplitId.objects.filter(split_id__in=map(_signed, ids)).exclude(file__role=Role.SPLIT)
    debug_ids = {*with_ids.values_list("file__debug_id", flat=True)} - {""}
    lacks = Q(derivation=FileUpload.Derivation.DONE, problem=LACKS_SPLIT)
    failed = Q(derivation=FileUpload.Derivation.FAILED)
    return FileUpload.objects.filter(
        lacks | failed, debug_id__in=debug_ids, deleted_at=None, bucket_name=source.bucket.name
    )


def _signed(split_id: int) -> int:
    return split_id - 2 * _SIGNED_END if split_id >= _SIGNED_END else split_id
