# SPDX-License-Identifier: MPL-2.0

"""The first pass over an archive: every member is read, and what is to become of it is known after."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tecken.core.archives.archive import Archive
from tecken.core.archives.directory import ArchiveMember
from tecken.core.archives.inspection import InspectedMember, refuse_names
from tecken.core.archives.layout import lay_out, refuse_other_contents
from tecken.core.archives.native_members import NativeMember, kind_of_member
from tecken.core.archives.reading import ReadingJob
from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.native.kinds import Identified, Kind
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.packing import PackedFile
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object, is_same, may_be_same
from tecken.core.tempfiles.spooling import Scratch
from tecken.upload.object_holders import files_in
from tecken.upload.pool import run_in_pool
from tecken.upload.reading import read_native_wherever, read_wherever
from tecken.upload.rules import can_be_asked_for, inspection_rules, storing_rules


@dataclass(frozen=True, slots=True)
class NativeFile:
    """A native file of an archive, inflated to ``path``. ``modules`` is empty where ``problem`` says why."""

    path: Path
    modules: tuple[Identified, ...]
    problem: str

    @property
    def features(self) -> frozenset[str]:
        """What it has of its first module."""
        return frozenset(self.modules[0].has) if self.modules else frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that passed; ``current`` is what the bucket has under its key.

    One that ``is_poorer`` is another than that, which has more and stays.
    """

    member: ArchiveMember
    key: SymbolKey
    kind: Kind
    inspected: InspectedMember
    packed: PackedFile | None
    current: ObjectInfo | None
    is_new: bool
    native: NativeFile | None = None
    is_poorer: bool = False

    @property
    def modules(self) -> tuple[Identified, ...]:
        """What a native file is to its modules."""
        return self.native.modules if self.native else ()

    @property
    def stored_size(self) -> int:
        """How many bytes are to be stored; of what is compressed as it is stored, at most so many."""
        return self.member.size if self.packed is None else self.packed.size


@dataclass(frozen=True, slots=True)
class FirstPass:
    """The files of an archive, the names of the ignored, in its order, and what was odd.

    ``keys`` are those of all files by their names, also of such that others have more than.
    """

    candidates: list[Candidate]
    ignored: list[str]
    warnings: list[str]
    keys: dict[str, SymbolKey]


@dataclass(frozen=True, slots=True)
class _Read:
    """A member that was read; without a candidate it is not stored, and ``warning`` may say why."""

    inspected: InspectedMember
    candidate: Candidate | None
    warning: str = ""


def first_pass(archive: Archive, source: Source, scratch: Scratch, folder: Path) -> FirstPass:
    """Read every member. Native files are put into a folder.

    Raises ArchiveRefusedError, NoRoomError, StorageError.
    """
    rules = inspection_rules()
    refuse_names((member.name for member in archive.members), rules.snippets)
    kinds = {member: kind_of_member(archive, member) for member in archive.members}
    natives = {member for member, kind in kinds.items() if kind.is_native}
    layout = lay_out(archive.members, natives)
    keys = {file.member: file.key for file in layout.files}
    paths = {member: folder / str(number) for number, member in enumerate(archive.members)}

    def inspect(member: ArchiveMember) -> _Read:
        key = keys.get(member)
        if member in keys and kinds[member].is_native:
            read = read_native_wherever(archive, member, paths[member], scratch.free_space)
            return _native_candidate(member, key, read, source, paths[member])
        if key is None:
            job = ReadingJob(member, None, rules, packs=False)
            return _Read(read_wherever(archive, job, scratch).inspected, None)
        candidate = _inspect_file(archive, member, key, source, scratch)
        if not candidate.is_new:
            # Whoever stored it may have been killed, or not have come to it yet: what this upload says
            # is stored must be what the next request gets.
            stored.add(key)
        return _Read(candidate.inspected, candidate)

    with symbol_stored.together() as stored:
        found = dict(run_in_pool(inspect, archive.members))
    for earlier, later in layout.twins:
        if found[earlier].inspected.digest != found[later].inspected.digest:
            refuse_other_contents(later)  # whose checksums are the same, as can be arranged
    result = FirstPass([], list(layout.ignored), [], {})
    for file in layout.files:
        read = found[file.member]
        if read.candidate is not None:
            result.candidates.append(read.candidate)
            result.keys[file.member.name] = read.candidate.key
        else:
            result.ignored.append(file.member.name)
            result.warnings.append(f"{file.member.name} is ignored: {read.warning}")
    return _one_of_each_key(source, result)


def warnings_of(candidate: Candidate) -> Iterator[str]:
    """Yield what is odd about a file that is taken all the same."""
    if candidate.inspected.warning:
        yield candidate.inspected.warning
    has_ids = candidate.native is not None and bool(candidate.native.modules)
    if not has_ids and not can_be_asked_for(candidate.key):
        yield (
            f"{candidate.key} cannot be downloaded: its id is all zeros, or"
            " DJANGO_DOWNLOAD_FILE_EXTENSIONS_WHITELIST lacks the end of its name"
        )


def _inspect_file(
    archive: Archive, member: ArchiveMember, key: SymbolKey, source: Source, scratch: Scratch
) -> Candidate:
    """Read a file; pack it, too, unless the bucket may have it already."""
    compressed = storing_rules().compresses(key)
    current = current_object(source, key)
    packs = compressed and (current is None or not may_be_same(current, member.size))
    read = read_wherever(archive, ReadingJob(member, key, inspection_rules(), packs), scratch)
    inspected = read.inspected
    is_new = current is None or not is_same(current, inspected.digest, compressed=compressed)
    kind = Kind.BREAKPAD if key.symbol_file.lower().endswith(".sym") else Kind.OTHER
    return Candidate(member, key, kind, inspected, read.packed, current, is_new)


def _native_candidate(
    member: ArchiveMember,
    path_key: SymbolKey | None,
    read: NativeMember,
    source: Source,
    path: Path,
) -> _Read:
    """Return what becomes of a native file; one that has no id, and lies under none, is not stored."""
    modules = tuple(module for module in read.modules if module.native_id)
    key = path_key
    try:
        if key is None and modules:
            key = NativeKey.of_id(modules[0].native_id, modules[0].role)
    except InvalidNameError as error:
        return _Read(read.inspected, None, str(error))
    if key is None:
        return _Read(read.inspected, None, read.problem or "it has no id, such as a build id")
    current = current_object(source, key)
    compressed = storing_rules().compresses(key)
    is_new = current is None or not is_same(current, read.inspected.digest, compressed=compressed)
    problem = read.problem or ("" if modules else "it has no id, such as a build id")
    native = NativeFile(path, modules, problem)
    candidate = Candidate(member, key, read.kind, read.inspected, None, current, is_new, native)
    return _Read(read.inspected, candidate)


def _one_of_each_key(source: Source, found: FirstPass) -> FirstPass:
    """Of native files that would have one key, take the one that has the most; also of what is there."""
    best: dict[SymbolKey, Candidate] = {}
    for candidate in found.candidates:
        other = best.get(candidate.key)
        if other is None:
            best[candidate.key] = candidate
            continue
        worse, better = sorted((other, candidate), key=_count_of_features)
        best[candidate.key] = better
        found.ignored.append(worse.member.name)
        if worse.inspected.digest != better.inspected.digest:
            found.warnings.append(
                f"{worse.member.name} is ignored: {better.member.name} has the same id"
            )
    candidates = [_unless_poorer(source, candidate, found.warnings) for candidate in best.values()]
    return FirstPass(candidates, found.ignored, found.warnings, found.keys)


def _count_of_features(candidate: Candidate) -> int:
    return len(candidate.native.features) if candidate.native else 0


def _unless_poorer(source: Source, candidate: Candidate, warnings: list[str]) -> Candidate:
    """Leave what is there, where that has all that a native file has, and more."""
    if candidate.native is None or candidate.current is None or not candidate.is_new:
        return candidate
    rows = files_in(source, [source.object_key(candidate.key)])
    there = rows.filter(completed_at__isnull=False, deleted_at=None).order_by("pk").last()
    if there is None or not candidate.native.features < frozenset(there.features):
        return candidate
    more = ", ".join(one for one in there.features if one not in candidate.native.features)
    warnings.append(f"{candidate.member.name} is not stored: what is there has more ({more})")
    return replace(candidate, is_new=False, is_poorer=True)
