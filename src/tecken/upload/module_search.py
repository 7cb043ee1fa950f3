# SPDX-License-Identifier: MPL-2.0

"""Modules by the beginning of a name or of an id, for people who look one up.

Each query takes its rows from an index, and only so many: what one costs does not grow with the table.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from tecken.core.dialects.pasted import Pasted
from tecken.upload.folded import Folded, end_of, folded
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import IS_THERE, is_there

MAX_NAMES: Final = 6
MAX_FILES: Final = 8
MAX_IDS_COUNTED: Final = 1000  # of a name, beside others
_MAX_STEPS = 12  # names that are looked at, of which some may be of try builds alone
_ROWS_OF_NAME = 20  # the newest that are looked at
_MAX_ROWS = 60
_AFTER_DIGITS = "G"
_FILES_OF_ID = 4  # that a page has room for
_MIN_NAME = 2  # characters
_CODE_EXTENSIONS = (".dll", ".exe", ".sys", ".drv", ".ocx")


@dataclass(frozen=True, slots=True)
class KnownName:
    """A debug file with symbols here; ``ids`` are counted up to ``MAX_IDS_COUNTED``."""

    debug_file: str
    ids: int
    newest: datetime


def names_like(pasted: Pasted) -> list[KnownName]:
    """Return the names of regular symbols that begin like one that was pasted, in any case; shorter ones first."""
    name = folded(pasted.name)
    if len(name) < _MIN_NAME:
        return []
    beginnings = [name]
    for extension in _CODE_EXTENSIONS:
        if name.endswith(extension):
            beginnings.append(name.removesuffix(extension) + ".pdb")
    if not name.startswith("lib"):
        beginnings.append(f"lib{name}")
    found: dict[str, KnownName] = {}
    for beginning in beginnings:
        for known in _names_from(beginning, MAX_NAMES - len(found)):
            found.setdefault(known.debug_file, known)
    return list(found.values())


def _names_from(beginning: str, limit: int) -> Iterator[KnownName]:
    """Yield names that begin so: from one to the next, however many rows each has."""
    files = FileUpload.objects.annotate(folded_name=Folded("debug_file"))
    files = files.filter(folded_name__lt=end_of(beginning))
    after = Q(folded_name__gte=beginning)
    for _ in range(_MAX_STEPS):
        name = (
            files.filter(after)
            .order_by("folded_name")
            .values_list("folded_name", flat=True)
            .first()
        )
        if name is None or limit <= 0:
            return
        for known in _spellings(name):
            yield known
            limit -= 1
        after = Q(folded_name__gt=name)


def _spellings(folded_name: str) -> Iterator[KnownName]:
    """Yield the spellings of a name among its newest rows."""
    files = FileUpload.objects.annotate(folded_name=Folded("debug_file"))
    rows = files.filter(folded_name=folded_name).select_related("upload").order_by("-pk")
    newest: dict[str, datetime] = {}
    for row in rows[:_ROWS_OF_NAME]:
        if is_there(row) and not _is_try(row):
            newest.setdefault(row.debug_file, row.created_at)
    for debug_file, moment in newest.items():
        yield KnownName(debug_file, count_ids(debug_file, MAX_IDS_COUNTED), moment)


def count_ids(debug_file: str, limit: int) -> int:
    """Return how many debug ids a name has, counted up to a limit."""
    ids = regular_files().filter(debug_file=debug_file).order_by().values("debug_id").distinct()
    return ids[:limit].count()


def regular_files() -> "QuerySet[FileUpload]":
    """Return the files that are there, but those of try builds."""
    return FileUpload.objects.filter(IS_THERE).exclude(upload__try_symbols=True)


def files_like(pasted: Pasted) -> list[FileUpload]:
    """Return files by the beginning of an id, a debug id, build id or code id, perhaps with a name; exact ids first."""
    if not pasted.some_id:
        return []
    queries: list[QuerySet[FileUpload]] = []
    rows = FileUpload.objects.select_related("upload")
    name = {"debug_file": pasted.name} if pasted.is_pair else {}
    code_name = {"code_file": pasted.name} if pasted.is_pair else {}
    if pasted.debug_ids:
        queries.append(rows.filter(debug_id__in=pasted.debug_ids, **name).order_by("-pk"))
    end = pasted.some_id + _AFTER_DIGITS
    queries += [
        rows.filter(debug_id__gte=pasted.some_id, debug_id__lt=end, **name).order_by("debug_id"),
        rows.filter(code_id__gte=pasted.some_id, code_id__lt=end, **code_name).order_by("code_id"),
    ]
    return _each_once(row for query in queries for row in query[:_MAX_ROWS])


def symbol_files_of(debug_ids: Sequence[str]) -> list[FileUpload]:
    """Return the symbol files of some whole debug ids: of these, URLs without a name tell anybody."""
    rows = FileUpload.objects.select_related("upload").filter(debug_id__in=debug_ids)
    found = rows.order_by("-pk")[:_MAX_ROWS]
    return _each_once(row for row in found if row.key.lower().endswith(".sym"))


def _each_once(rows: Iterable[FileUpload]) -> list[FileUpload]:
    found: dict[str, FileUpload] = {}
    for row in rows:
        if is_there(row):
            found.setdefault(row.symbol_key, row)
            if len(found) == MAX_FILES:
                break
    return list(found.values())


@dataclass(frozen=True, slots=True)
class PageOfIds:
    """Some ids of a name, with the newest file of each.

    ``before`` is the number of the file that the next page begins behind; None where there is none.
    """

    files: list[FileUpload]
    before: int | None


def ids_of_name(debug_file: str, before: int | None, limit: int) -> PageOfIds:
    """Return debug ids of a name, those that came last first; each is on one page alone."""
    rows = regular_files().filter(debug_file=debug_file).select_related("upload")
    last = FileUpload.objects.filter(pk=before).first() if before else None
    if last is not None:
        rows = rows.filter(_behind(last), created_at__lte=last.created_at)
    most = limit * _FILES_OF_ID
    newest: dict[str, FileUpload] = {}
    has_more, end = False, None
    for position, row in enumerate(rows.order_by("-created_at", "-pk")[: most + 1]):
        if position == most or (row.debug_id not in newest and len(newest) == limit):
            has_more = True
            break
        newest.setdefault(row.debug_id, row)
        end = row.pk
    if last is not None:
        told = _told_before(debug_file, last, newest)
        newest = {some_id: row for some_id, row in newest.items() if some_id not in told}
    return PageOfIds(list(newest.values()), end if has_more else None)


def _behind(row: FileUpload) -> Q:
    return Q(created_at__lt=row.created_at) | Q(created_at=row.created_at, pk__lt=row.pk)


def _told_before(debug_file: str, last: FileUpload, ids: Iterable[str]) -> set[str]:
    """Return those of some ids that also have files which are newer than a page's: they stand on one before it."""
    rows = regular_files().filter(debug_file=debug_file, debug_id__in=list(ids))
    return set(rows.exclude(_behind(last)).values_list("debug_id", flat=True))


def _is_try(row: FileUpload) -> bool:
    return row.upload is not None and row.upload.try_symbols
