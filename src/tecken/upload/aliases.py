# SPDX-License-Identifier: MPL-2.0

"""The aliases of originals: written after the file that they point at, and removed with the last that they could.

Nothing of an alias stands in the database: the rows of an original say which it has. A reader that comes in between
two steps finds nothing, never another file. An alias that is removed is written again for another original of the same
id, and looked for after the removal, as an upload writes its row, its object and its alias in that order: one of both
always sees the other.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.db.models import Q, QuerySet

from tecken.core.batches import batches
from tecken.core.errors import InvalidNameError, ObjectChangedError, ObjectNotFoundError
from tecken.core.identifiers import NATIVE_FOLDER, SymbolKey, parse_stored_key
from tecken.core.locating.events import symbol_stored
from tecken.core.native.kinds import Identified, Kind
from tecken.core.storage.aliases import (
    AliasKey,
    alias_keys,
    infos_of,
    packed_alias,
    point,
    points_at,
    target_of,
)
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object, current_objects
from tecken.upload.deriving.build_files import is_in
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import files_in, with_uploads

_NATIVE_KINDS = tuple(kind for kind in Kind if kind.is_native)
_ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class WrittenAliases:
    """The aliases of an original that are new, and those that point at another one still."""

    new: tuple[AliasKey, ...] = ()
    contested: tuple[AliasKey, ...] = ()


def write_aliases(source: Source, key: SymbolKey, modules: Iterable[Identified]) -> WrittenAliases:
    """Let the aliases of an original that is stored point at it. Asks no database. Raises StorageError."""
    new, contested = [], []
    for alias, info in infos_of(source, alias_keys(key, modules)).items():
        if info is None:
            point(source, alias, key)
            new.append(alias)
        elif not points_at(source, info, key):
            contested.append(alias)
    return WrittenAliases(tuple(new), tuple(contested))


def settle_aliases(
    source: Source, key: SymbolKey, modules: Iterable[Identified], contested: Iterable[AliasKey]
) -> None:
    """Let aliases point at the later of two originals, unless the earlier has more. Raises StorageError."""
    parts = frozenset(part for module in modules for part in module.has)
    for alias in contested:
        if not _has_more(source, _target_now(source, alias), parts):
            point(source, alias, key)
            symbol_stored.publish(alias)


def drop_replaced(source: Source, key: SymbolKey, modules: Iterable[Identified]) -> None:
    """Before an original is replaced, drop the aliases that the new one does not have. Raises StorageError."""
    left = alias_keys(key, modules)
    rows = list(files_in(source, [source.object_key(key)]).filter(kind__in=_NATIVE_KINDS))
    gone = alias_keys(key, rows).keys() - left.keys()
    _drop(source, {alias: [key] for alias in gone}, rows, replaced=key)


def drop_aliases(source: Source, files: "QuerySet[FileUpload]") -> None:
    """Drop the aliases of originals that were removed just now, by their rows. Raises StorageError."""
    rows = list(files.filter(kind__in=_NATIVE_KINDS))
    targets: dict[AliasKey, list[SymbolKey]] = {}
    for row in rows:
        key = parse_stored_key(row.symbol_key)
        for alias in alias_keys(key, [row]):
            targets.setdefault(alias, []).append(key)
    _drop(source, targets, rows)
    _drop_packed(source, files)


def _drop_packed(source: Source, files: "QuerySet[FileUpload]") -> None:
    """Drop the aliases of packed files that were removed just now, where they point at these."""
    keys = (parse_stored_key(row.symbol_key) for row in files.filter(key__endswith="_"))
    targets = {alias: key for key in keys if (alias := packed_alias(key)) is not None}
    infos = infos_of(source, targets)
    ours = [a for a, info in infos.items() if info and points_at(source, info, targets[a])]
    source.bucket.delete_all([source.object_key(alias) for alias in ours])
    symbol_stored.publish(*ours)


def drop_dangling(source: Source, before: datetime) -> None:
    """Drop aliases that were written before then and point at what is not there any more. Raises StorageError."""
    prefix = f"{source.prefix}/" if source.prefix else ""
    for listed in source.bucket.list(f"{prefix}{NATIVE_FOLDER}/"):
        try:
            alias = AliasKey.parse(listed.key.removeprefix(prefix))
        except InvalidNameError:
            continue
        if listed.last_modified < before:
            _drop_if_dangling(source, alias)


def _drop_if_dangling(source: Source, alias: AliasKey) -> None:
    target = _target_now(source, alias)
    if target is not None and current_object(source, target) is not None:
        return
    source.bucket.delete(source.object_key(alias))
    if target is not None and current_object(source, target) is not None:
        point(source, alias, target)  # an upload has stored it since, and left its alias as it was
    symbol_stored.publish(alias)


def _target_now(source: Source, alias: AliasKey) -> SymbolKey | None:
    """Return what an alias points at; None where it has gone, or changes just now."""
    with suppress(ObjectNotFoundError, ObjectChangedError):
        return target_of(source, source.bucket.head(source.object_key(alias)))
    return None


def _drop(
    source: Source,
    targets: Mapping[AliasKey, Collection[SymbolKey]],
    rows: Collection[FileUpload],
    replaced: SymbolKey | None = None,
) -> None:
    """Drop aliases that point at one of some originals of these rows; others of the same ids may inherit them."""
    if not targets:
        return
    infos = infos_of(source, targets)
    free = {
        alias: info
        for alias, info in infos.items()
        if info is None or any(points_at(source, info, key) for key in targets[alias])
    }
    source.bucket.delete_all([source.object_key(alias) for alias in free if infos[alias]])
    # Also those that are gone: whoever dropped them may have been killed before it came to the heirs.
    for alias, key in _heirs(source, free, rows, replaced).items():
        point(source, alias, key)
    symbol_stored.publish(*targets)


def _heirs(
    source: Source,
    aliases: Collection[AliasKey],
    rows: Collection[FileUpload],
    replaced: SymbolKey | None,
) -> dict[AliasKey, SymbolKey]:
    """Return at which original each alias may point now: of several, at the one that has the most."""
    best: dict[AliasKey, tuple[int, int, SymbolKey]] = {}
    for key, of_key in _originals_like(source, rows).items():
        if key == replaced:
            continue
        has = len({part for row in of_key for part in row.features})
        for alias in alias_keys(key, of_key).keys() & aliases:
            last = max(row.pk for row in of_key)
            best[alias] = max(best.get(alias, (0, 0, key)), (has, last, key), key=itemgetter(0, 1))
    there = dict(current_objects(source, {key for _, _, key in best.values()}))
    return {alias: key for alias, (_, _, key) in best.items() if there[key] is not None}


def _originals_like(
    source: Source, rows: Collection[FileUpload]
) -> dict[SymbolKey, list[FileUpload]]:
    """Return the originals of a source that have an id of one of these rows, and what was stored of each last."""
    found: dict[str, None] = {}
    for some in batches(rows, _ROWS_AT_ONCE):
        same = Q(debug_id__in={row.debug_id for row in some if row.debug_id})
        # Executables of Windows that name no PDB have their code id alone.
        nameless = [row for row in some if not row.debug_id]
        codes = {(row.code_file, row.code_id) for row in nameless}
        for code_file, code_id in codes:
            same |= Q(code_file=code_file, code_id=code_id, debug_id="")
        found |= dict.fromkeys(_live().filter(same).values_list("key", flat=True))
    by_key: dict[SymbolKey, list[FileUpload]] = {}
    for keys in batches(found, _ROWS_AT_ONCE):
        for row in with_uploads(files_in(source, keys) & _live()).order_by("pk"):
            if is_in(source, row):
                of_key = by_key.setdefault(parse_stored_key(row.symbol_key), [])
                # What an upload has stored over it is not there any more.
                if of_key and of_key[-1].upload_id != row.upload_id:
                    of_key.clear()
                of_key.append(row)
    return by_key


def _live() -> "QuerySet[FileUpload]":
    kept = Q(deleted_at=None) | Q(removal=FileUpload.Removal.KEPT)
    return FileUpload.objects.filter(kept, kind__in=_NATIVE_KINDS)


def _has_more(source: Source, target: SymbolKey | None, parts: frozenset[str]) -> bool:
    """Say whether an alias points at an original that is there and has all of these parts, and more."""
    if target is None or current_object(source, target) is None:
        return False
    last = (files_in(source, [source.object_key(target)]) & _live()).order_by("pk").last()
    return last is not None and parts < frozenset(last.features)
