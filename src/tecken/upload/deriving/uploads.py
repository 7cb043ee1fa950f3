# SPDX-License-Identifier: MPL-2.0

"""Symbol files that are derived from native files: with an upload, or after it.

What is derived lies under the ordinary key of the module's symbol file, as if it had been uploaded, and has a
row of its own. It is made of all files of a build that its bucket has: the executable and the debug file may come
in any order, and in several uploads. A symbol file that was uploaded counts for more and is left alone.

Native files are hostile: they are read in a worker process, within a time and in so much memory.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from tecken.core.native.kinds import Kind
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue_once
from tecken.upload.deleted_objects import remove_soon
from tecken.upload.deriving import turns
from tecken.upload.deriving.build_files import BuildFiles, NotDerivedError, build_files_of, lacking
from tecken.upload.deriving.claims import Claim, claimed, forget_claims
from tecken.upload.deriving.module import LACKS_ALTERNATE, ModuleDeriving, note, note_gone
from tecken.upload.deriving.queueing import DERIVE_UPLOAD, try_again, wake_next
from tecken.upload.first_pass import Candidate
from tecken.upload.index_conditions import LACKING, UNDERIVED
from tecken.upload.models import FileUpload, Upload
from tecken.upload.object_holders import reachable, with_uploads
from tecken.upload.scratch import new_folder

TASK = DERIVE_UPLOAD

_Derivation = FileUpload.Derivation
_BEFORE_ANSWER_SECONDS = 60  # after which nothing more is begun while a client waits
_FORGOTTEN_SECONDS = 120  # after which an upload that lives has added its task
_RESUMED_AT_ONCE = 500
GIVEN_UP: Final = (
    "deriving its symbols was given up, as storage or the server failed again and again; with its next upload,"
    " or when the task is retried, it is tried again"
)


def derive_symbols(
    upload: Upload,
    source: Source,
    candidates: Iterable[Candidate],
    folder: Path,
    later: list[str],
) -> Iterator[FileUpload]:
    """Derive what takes little time from the native files of an upload; yield the rows of what was stored.

    The candidates are stored already. What takes longer is left pending, and its debug ids are added to ``later``.
    Raises StorageError.
    """
    ends = time.monotonic() + _BEFORE_ANSWER_SECONDS
    for debug_id, local in _modules(source, candidates).items():
        found = build_files_of(source, debug_id)
        if not _is_wanted(source, found):
            continue
        if found.size > settings.UPLOAD_DERIVE_MAX_BYTES or time.monotonic() > ends:
            note(found.rows, _Derivation.PENDING)
            later.append(debug_id)
            continue
        row = None
        with (
            turns.turn_of(found.rows, is_waited_for=True) as is_ours,
            claimed(source, debug_id) if is_ours else nullcontext() as claim,
        ):
            if claim is None:
                note(found.rows, _Derivation.PENDING)
                later.append(debug_id)
            else:
                work = ModuleDeriving(upload, source, folder, claim, is_waited_for=True)
                row = work.derive(build_files_of(source, debug_id), local)
                later += [debug_id] if work.is_postponed else []
        if row is not None:
            yield row


def derive_later(upload: Upload, again: Collection[str] = ()) -> None:
    """Have what is left of an upload derived in the background; call it in the transaction.

    So are the modules of other uploads that it has something for, by their debug ids.
    """
    pending = FileUpload.objects.filter(UNDERIVED, derivation=_Derivation.PENDING)
    left = pending.filter(Q(upload=upload) | Q(upload__isnull=False, debug_id__in=again))
    for upload_id in left.order_by().values_list("upload_id", flat=True).distinct():
        # Of many uploads of one module, each would add a task for all others.
        enqueue_once(find_task(TASK), upload_id=upload_id)


def derive_again(source: Source, candidates: Iterable[Candidate]) -> list[str]:
    """Mark what refers to files of dwz or split units that an upload has brought; return the debug ids of these modules."""
    again: list[str] = []
    for candidate in candidates:
        if candidate.native is None or not candidate.is_new:
            continue
        for module in candidate.native.modules:
            if module.split_ids:
                without = lacking(source, module.split_ids)
            elif module.kind == Kind.ELF and not module.has_code:
                without = FileUpload.objects.filter(
                    LACKING,
                    deleted_at=None,
                    bucket_name=source.bucket.name,
                    problem=LACKS_ALTERNATE.format(module.native_id),
                )
            else:
                continue
            again += without.values_list("debug_id", flat=True)
            without.update(derivation=_Derivation.PENDING, problem="")
    return again


def derive_pending(upload_id: int) -> int:
    """Derive what is left of an upload; return how many symbol files were stored. Raises StorageError.

    What others keep from it is left to a task that comes a little later.
    """
    of_upload = FileUpload.objects.filter(upload=upload_id, completed_at__isnull=False)
    given_up = of_upload.filter(derivation=_Derivation.FAILED, problem=GIVEN_UP)
    given_up.update(derivation=_Derivation.PENDING, problem="")
    pending = with_uploads(of_upload.filter(derivation=_Derivation.PENDING)).order_by("pk")
    pending = pending.exclude(role="")  # which is to be read first (``stored_natives``)
    stored, last, is_left, was_read = 0, 0, False, False
    busy: set[bool] = set()  # whether of Windows
    while row := pending.filter(pk__gt=last).first():
        last = row.pk
        there = reachable(row)
        if there is None or row.deleted_at is not None:
            note_gone([row])
            continue
        of_windows = turns.is_of_windows([row])
        if of_windows in busy:
            continue
        outcome = derive_module_of(row, there[0], {})
        if not outcome.had_turn:
            busy.add(of_windows)
        stored += outcome.is_stored
        is_left |= outcome.is_left
        was_read |= outcome.was_read
    if is_left:
        try_again(TASK, upload_id=upload_id)
    if was_read:
        wake_next()
    return stored


class Outcome(NamedTuple):
    """What became of a module: whether it ``is_left`` to be tried again later, as others had the turn or derive it."""

    is_left: bool
    had_turn: bool = True
    was_read: bool = False
    is_stored: bool = False


def derive_module_of(row: FileUpload, source: Source, local: Mapping[str, Path]) -> Outcome:
    """Derive the module of a file, unless nobody waits for that any more.

    ``local`` are the files that are here, by the keys of objects. Raises StorageError.
    """
    with turns.turn_of([row], is_waited_for=False) as is_ours:
        if not is_ours:
            return Outcome(is_left=True, had_turn=False)
        with claimed(source, row.debug_id) as claim:
            if claim is None:
                return Outcome(is_left=True)
            if FileUpload.objects.filter(pk=row.pk, derivation=_Derivation.PENDING).exists():
                return _derive_now(row, source, claim, local)
    return Outcome(is_left=False)


def _derive_now(
    row: FileUpload, source: Source, claim: Claim, local: Mapping[str, Path]
) -> Outcome:
    with new_folder(row.upload.filename if row.upload else row.file_name) as folder:
        work = ModuleDeriving(row.upload, source, folder, claim, is_waited_for=False)
        found = build_files_of(source, row.debug_id)
        is_stored = work.derive(found, local) is not None
    if not work.is_lost and row not in found.rows:
        # Those of its files that are not taken, as another has more, are done with them.
        note([row], _Derivation.DONE, only_pending=True)
    if is_stored and row.upload is not None and _is_taken_back(row.upload):
        remove_soon()  # what was stored now belongs to it
    return Outcome(work.is_postponed, was_read=True, is_stored=is_stored and not work.is_lost)


def _is_taken_back(upload: Upload) -> bool:
    """Say whether an upload was taken back meanwhile."""
    return Upload.objects.filter(pk=upload.pk, deleted_at__isnull=False).exists()


def give_up_deriving(upload_id: int) -> None:
    """Note that a task has failed for good: what is left of its upload is not derived until somebody asks again."""
    pending = FileUpload.objects.filter(upload=upload_id, derivation=_Derivation.PENDING)
    pending.update(derivation=_Derivation.FAILED, problem=GIVEN_UP)


def resume_deriving() -> int:
    """Add tasks for what is pending and forgotten, as its server was killed before it had added one; return how many."""
    forget_claims()
    long_ago = timezone.now() - timedelta(seconds=_FORGOTTEN_SECONDS)
    pending = FileUpload.objects.filter(
        UNDERIVED, derivation=_Derivation.PENDING, completed_at__lt=long_ago, upload__isnull=False
    ).exclude(role="")
    uploads = pending.order_by("upload_id").values_list("upload_id", flat=True).distinct()
    return sum(
        enqueue_once(find_task(TASK), or_runs=True, upload_id=upload_id)
        for upload_id in uploads[:_RESUMED_AT_ONCE]
    )


def _modules(source: Source, candidates: Iterable[Candidate]) -> dict[str, dict[str, Path]]:
    """Return the debug ids of native files, and of each the files that are here, by the keys of objects."""
    modules: dict[str, dict[str, Path]] = {}
    for candidate in candidates:
        if candidate.native is None:
            continue
        for module in candidate.native.modules:
            if not module.is_derivable:
                continue
            local = modules.setdefault(module.debug_id, {})
            if not candidate.is_poorer:
                local[source.object_key(candidate.key)] = candidate.native.path
    return modules


def _is_wanted(source: Source, found: BuildFiles) -> bool:
    """Say whether something has changed since symbols were derived, or they have gone."""
    if any(row.derivation == _Derivation.PENDING for row in found.rows):
        return True
    with suppress(NotDerivedError):
        return bool(found.rows) and current_object(source, found.symbol_key()) is None
    return False
