# SPDX-License-Identifier: MPL-2.0

"""Taking a wrong upload back: an upload, a file, or all files of some keys.

Rows are marked first, in one transaction with the entry in the audit trail and the task that removes
their objects. So whatever is killed afterwards, the objects go; and as nothing of the rows is lost, the
same request sent again says what became of them. A few objects are removed at once, many in the
background. What a file had replaced was gone when it was stored, and does not return.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tecken.accounts.audit import record_deletion
from tecken.accounts.models import User
from tecken.core.batches import batches
from tecken.core.errors import InvalidNameError, StorageError
from tecken.core.identifiers import parse_stored_key
from tecken.upload.daily import uncount_files, uncount_uploads
from tecken.upload.deleted_objects import remove_objects_of, remove_soon
from tecken.upload.models import FileUpload, Upload
from tecken.upload.object_holders import later_finders, wake_kept
from tecken.web.sources import written_sources

# Beyond, the background does it: a request must not take minutes.
MAX_AT_ONCE = 50
_MAX_SECONDS = 10
_MAX_FINDERS = 1000  # later uploads whose lists of keys are read
_RESCUE_SECONDS = 30  # after which the background looks whether everything was removed
_ROWS_AT_ONCE = 500
_MAX_AUDITED = 50  # keys that an entry names; it has the count of all

_Removal = FileUpload.Removal
_STAYS = (_Removal.KEPT, _Removal.OUT_OF_REACH)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TakenBackFiles:
    """What became of the objects of some files, by their keys.

    ``kept`` stay, as another upload has brought them, too; ``out_of_reach`` as their bucket is none
    that uploads go to now; ``pending`` are removed in the background.
    """

    removed: Sequence[str] = ()
    kept: Sequence[str] = ()
    out_of_reach: Sequence[str] = ()
    pending: Sequence[str] = ()


class UnknownKeysError(LookupError):
    """Of these keys, there is no file of an upload of who asks."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"There is no file of yours under {', '.join(keys[:5])}")
        self.keys = keys


@dataclass(frozen=True, slots=True)
class _Released:
    """Whose uploads no longer hold what they have found: of one user, or of all."""

    user: User | None


@dataclass(slots=True)
class _Asked:
    """Who takes back what, and why."""

    by: User
    reason: str
    what: str
    pks: list[int] = field(default_factory=list)


def take_back_upload(upload: Upload, *, by: User, reason: str) -> TakenBackFiles:
    """Take back all files of an upload, and what it found and others have taken back before."""
    asked = _Asked(by, reason, f"upload {upload.pk}")
    with transaction.atomic():
        live = Upload.objects.select_for_update().filter(pk=upload.pk, deleted_at=None)
        is_new = bool(list(live.values_list("pk", flat=True)))
        files = FileUpload.objects.filter(upload=upload)
        if is_new:
            uncount_uploads(live)
            live.update(deleted_at=timezone.now(), deleted_by=by, delete_reason=reason)
        asked.pks = list(files.values_list("pk", flat=True))
        marked = _mark(files, asked)
        woken = wake_kept(upload)
        asked.pks += woken
        _wait_again(woken)
        if is_new or marked:
            _record(upload.user, asked, files)
        remove_soon(_delay(asked.pks))
    _remove_few(asked.pks)
    stored = _outcome(asked.pks)
    told = {key for keys in (stored.removed, stored.pending, stored.kept) for key in keys}
    found = [key for key in upload.skipped_keys if key not in told]
    return TakenBackFiles(
        stored.removed, (*stored.kept, *found), stored.out_of_reach, stored.pending
    )


def take_back_file(file: FileUpload, *, by: User, reason: str) -> TakenBackFiles:
    """Take back one file."""
    return _take_back([file.pk], _Asked(by, reason, f"file {file.pk}"))


def take_back_all(uploads: "QuerySet[Upload]") -> int:
    """Take back uploads that are to be forgotten next, and delete their objects now; return how many objects.

    What others have brought too stays, and so does what lies in buckets that no uploads go to any more. Raises
    StorageError; then the rows tell what is still to be removed.
    """
    files = FileUpload.objects.filter(upload__in=uploads)
    with transaction.atomic():
        uncount_uploads(uploads)
        files.filter(deleted_at=None).update(deleted_at=timezone.now(), removal=_Removal.PENDING)
        uploads.filter(deleted_at=None).update(deleted_at=timezone.now())
    return remove_objects_of(list(files.values_list("pk", flat=True)))


def take_back_keys(
    keys: Collection[str],
    among: "QuerySet[FileUpload]",
    *,
    by: User,
    reason: str,
    everybodys: bool = False,
) -> TakenBackFiles:
    """Take back all files of some keys, among those that one may.

    A key is that of an object (``v1/xul.pdb/44E4…/xul.sym``) or a symbol key. That other uploads of
    the same person, or with ``everybodys`` any, have found an object there does not hold it. Raises
    UnknownKeysError when there is none of a key, and then nothing has changed.
    """
    released = _Released(None if everybodys else by)
    return _take_back(_files_of(keys, among), _Asked(by, reason, "keys"), released)


def _files_of(keys: Collection[str], among: "QuerySet[FileUpload]") -> list[int]:
    prefixes = {f"{source.prefix}/" if source.prefix else "" for source in written_sources()}
    possible = {key: _object_keys(key, prefixes) for key in dict.fromkeys(keys)}
    found: dict[str, list[int]] = {}
    wanted = {one for some in possible.values() for one in some}
    for some in batches(wanted, _ROWS_AT_ONCE):
        for pk, key in among.filter(key__in=some).values_list("pk", "key"):
            found.setdefault(key, []).append(pk)
    unknown = [key for key, some in possible.items() if found.keys().isdisjoint(some)]
    if unknown:
        raise UnknownKeysError(unknown)
    return [pk for pks in found.values() for pk in pks]


def _object_keys(key: str, prefixes: Iterable[str]) -> set[str]:
    try:
        symbol_key = parse_stored_key(key)
    except InvalidNameError:
        return {key}
    return {key, *(f"{prefix}{symbol_key}" for prefix in prefixes)}


def _take_back(pks: list[int], asked: _Asked, released: _Released | None = None) -> TakenBackFiles:
    asked.pks = pks
    with transaction.atomic():
        by_owner: dict[int | None, list[int]] = {}
        for some in batches(pks, _ROWS_AT_ONCE):
            files = FileUpload.objects.select_for_update(of=("self",)).filter(pk__in=some)
            live = list(files.filter(deleted_at=None).values_list("upload__user_id", "pk"))
            for owner_id, pk in live:
                by_owner.setdefault(owner_id, []).append(pk)
            uncount_files(FileUpload.objects.filter(pk__in=[pk for _, pk in live]))
            _mark(FileUpload.objects.filter(pk__in=some), asked)
            if released is not None:
                released_files = FileUpload.objects.filter(pk__in=some)
                released_files.update(released_at=timezone.now(), released_for=released.user)
        owners = User.objects.in_bulk([owner for owner in by_owner if owner is not None])
        for owner, owned in by_owner.items():
            first = FileUpload.objects.filter(pk__in=owned[:_MAX_AUDITED])
            _record(owners.get(owner or 0), asked, first, len(owned))
        remove_soon(_delay(pks))
    _remove_few(pks)
    return _outcome(pks)


def _mark(files: "QuerySet[FileUpload]", asked: _Asked) -> int:
    """Mark the files that are not, and have what was kept looked at again; return how many are new."""
    kept = list(files.filter(removal__in=_STAYS).values_list("pk", flat=True))
    _wait_again(kept)
    return files.filter(deleted_at=None).update(
        deleted_at=timezone.now(),
        deleted_by=asked.by,
        delete_reason=asked.reason,
        removal=_Removal.PENDING,
    )


def _wait_again(pks: Iterable[int]) -> None:
    for some in batches(pks, _ROWS_AT_ONCE):
        kept = FileUpload.objects.filter(pk__in=some, removal__in=_STAYS)
        kept.update(removal=_Removal.PENDING)


def _record(
    owner: User | None, asked: _Asked, files: "QuerySet[FileUpload]", count: int | None = None
) -> None:
    keys = list(files.order_by("pk").values_list("key", flat=True)[:_MAX_AUDITED])
    record_deletion(
        owner,
        by=asked.by,
        what=asked.what,
        reason=asked.reason,
        files=files.count() if count is None else count,
        keys=keys,
    )


def _are_few(pks: Sequence[int]) -> bool:
    if len(pks) > MAX_AT_ONCE:
        return False
    finders = later_finders(FileUpload.objects.filter(pk__in=pks))
    return finders[: _MAX_FINDERS + 1].count() <= _MAX_FINDERS


def _delay(pks: Sequence[int]) -> float:
    """Return when the background is to begin: soon, or when this process should be done."""
    return _RESCUE_SECONDS if len(pks) <= MAX_AT_ONCE else 0


def _remove_few(pks: Sequence[int]) -> None:
    """Remove the objects of a few files; what fails is left to the background."""
    if not _are_few(pks):
        return
    try:
        remove_objects_of(pks, _MAX_SECONDS)
    except StorageError as error:
        logger.warning("what was taken back is removed later: %s", error)


def _outcome(pks: Sequence[int]) -> TakenBackFiles:
    keys: dict[str, dict[str, None]] = {}
    for some in batches(sorted(pks), _ROWS_AT_ONCE):
        rows = FileUpload.objects.filter(pk__in=some).order_by("pk")
        for key, removal in rows.values_list("key", "removal"):
            keys.setdefault(removal, {})[key] = None
    waiting = {**keys.get(_Removal.PENDING, {}), **keys.get(_Removal.REMOVING, {})}
    return TakenBackFiles(
        removed=tuple(keys.get(_Removal.REMOVED, ())),
        kept=tuple(keys.get(_Removal.KEPT, ())),
        out_of_reach=tuple(keys.get(_Removal.OUT_OF_REACH, ())),
        pending=tuple(waiting),
    )
