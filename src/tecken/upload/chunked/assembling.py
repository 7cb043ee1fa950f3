# SPDX-License-Identifier: MPL-2.0

"""Putting files together of their chunks, and storing those of a batch as one upload.

They lie in one temporary file, one after the other, which is an archive whose members are known: so
they are read, judged, stored and written down as those of a zip are. One that is refused is left
out, with the reason, and does not keep the others from being stored.

A run that was interrupted is run again, and finds what it has stored already.
"""

import hashlib
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from typing import BinaryIO

from django.utils import timezone

from tecken.core.archives.archive import Archive
from tecken.core.archives.directory import STORED, ArchiveMember
from tecken.core.archives.inspection import refuse_names
from tecken.core.errors import InvalidNameError, ObjectNotFoundError, RefusedError
from tecken.core.identifiers import SymbolKey
from tecken.core.native.kinds import HEAD_BYTES, Kind, kind_of
from tecken.core.storage.sources import Source
from tecken.core.symbols.records import parse_head
from tecken.core.tempfiles.held_files import hold_new_file
from tecken.core.tempfiles.spooling import spooling
from tecken.upload.buckets import Destination
from tecken.upload.chunked.chunks import forget_chunk, keys_of_chunks, remove_chunks
from tecken.upload.chunked.protocol import State
from tecken.upload.chunked.services import (
    batch_name,
    needed_chunks,
    own_name,
    unfinished_files,
)
from tecken.upload.first_pass import first_pass
from tecken.upload.models import ChunkedFile, FileUpload
from tecken.upload.object_holders import IS_THERE, files_in
from tecken.upload.rules import inspection_rules
from tecken.upload.scratch import free_space, new_folder, new_scratch
from tecken.upload.services import StoredUpload, measured_upload
from tecken.upload.spool import SpooledArchive, new_spool, spool_folder
from tecken.web.request_ids import current_request_id
from tecken.web.sources import written_sources

_READ_BYTES = 256 * 1024
_UNKNOWN_KIND = "It is neither a symbol file nor a native file of a kind that is known"
_NO_BUCKET = "Its bucket is none that uploads go to now"

Assembled = Mapping[ArchiveMember, ChunkedFile]


class _LeftOutError(Exception):
    """A file cannot be stored, and its client is told why."""


class _LostChunksError(Exception):
    """Chunks of a file are not there any more: its client sends them again."""


def assemble_batch(batch: str) -> int:
    """Assemble what is left of a batch; return how many files were stored. Raises StorageError."""
    files = list(unfinished_files(batch).select_related("user").order_by("sha1"))
    if not files:
        return 0
    began = max(file.changed_at for file in files)
    unfinished_files(batch).update(state=State.ASSEMBLING)
    destination = _destination_of(files[0])
    if destination is None:
        _refuse(files, _NO_BUCKET)
        return 0
    with _Assembly(destination.source) as assembly:
        assembly.take(files)
        stored = assembly.store(destination)
    done = ChunkedFile.objects.filter(batch=batch, state=State.OK)
    chunks = {chunk for chunks in done.values_list("chunks", flat=True) for chunk in chunks}
    chunks -= needed_chunks(files[0].user, destination.source.name)
    remove_chunks(files[0].user, destination.source, chunks, began)
    return stored


def _destination_of(file: ChunkedFile) -> Destination | None:
    for source in written_sources():
        if source.name == file.source:
            return Destination(source, file.try_symbols)
    return None


class _Assembly:
    """The files of a batch in one temporary file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._members: dict[ArchiveMember, ChunkedFile] = {}
        self._names: set[str] = set()
        self._free_space = free_space()
        self._opened = ExitStack()

    def __enter__(self) -> "_Assembly":
        with spooling():
            spool_folder().mkdir(parents=True, exist_ok=True)
            held = hold_new_file(spool_folder(), current_request_id(), "assembled")
            self._file: BinaryIO = self._opened.enter_context(held)
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened.close()

    def take(self, files: Iterable[ChunkedFile]) -> None:
        """Put files together; note of others why they cannot be. Raises StorageError."""
        for file in files:
            start = self._file.seek(0, os.SEEK_END)
            try:
                crc = self._write(file)
                size = self._file.tell() - start
                with spooling():
                    self._file.flush()
                name = self._name_of(file, start, size)
            except _LeftOutError as reason:
                _refuse([file], str(reason))
            except _LostChunksError:
                ChunkedFile.objects.filter(pk=file.pk, batch=file.batch).delete()
            else:
                self._names.add(name)
                self._members[ArchiveMember(name, size, size, crc, STORED, start)] = file

    def store(self, destination: Destination) -> int:
        """Store what can be; write down what became of each. Raises StorageError."""
        while self._members:
            try:
                stored = self._store_all(destination)
            except RefusedError as refusal:
                self._leave_out_refused(refusal)
            else:
                _write_down(destination.source, self._members, stored)
                return len(self._members)
        return 0

    def _write(self, file: ChunkedFile) -> int:
        """Write the chunks of a file; return its CRC."""
        keys = keys_of_chunks(file.user, file.source, file.chunks)
        digest, crc = hashlib.sha1(usedforsecurity=False), 0
        for chunk in file.chunks:
            if chunk not in keys:
                raise _LostChunksError
            try:
                with self._source.bucket.open(keys[chunk]) as reader:
                    while data := reader.read(_READ_BYTES):
                        digest.update(data)
                        crc = zlib.crc32(data, crc)
                        for portion in self._free_space.portions(data):
                            with spooling():
                                self._file.write(portion)
            except ObjectNotFoundError:
                forget_chunk(keys[chunk])
                raise _LostChunksError from None
        if digest.hexdigest() != file.sha1:
            raise _LeftOutError(
                f"Its chunks make another file, with the SHA-1 {digest.hexdigest()}"
            )
        return crc

    def _name_of(self, file: ChunkedFile, start: int, size: int) -> str:
        """Return what a file is called as a member of an archive: a symbol file by its module."""
        head = os.pread(self._file.fileno(), max(HEAD_BYTES, 16 * 1024), start)[:size]
        kind = kind_of(head)
        if kind.is_native:
            # What is called .sym would be taken for a symbol file.
            own = own_name(file.name)
            own = own[:-4] if own.lower().endswith(".sym") else own
            return f"{len(self._members)}/{own or 'file'}"
        module = parse_head(head).module if kind == Kind.BREAKPAD else None
        if module is None:
            raise _LeftOutError(_UNKNOWN_KIND)
        try:
            name = str(SymbolKey.of_module(module.debug_file, module.debug_id))
        except InvalidNameError as error:
            raise _LeftOutError(f"Its MODULE line can name no symbol file: {error}") from error
        if name in self._names:
            raise _LeftOutError(f"Another symbol file of this upload is of the same module, {name}")
        return name

    def _store_all(self, destination: Destination) -> StoredUpload:
        files = list(self._members.values())
        size = sum(member.size for member in self._members)
        new_spool().check_archive(size)
        archive = Archive(self._file, tuple(self._members))
        names = [file.name for file in files]
        refuse_names(names, inspection_rules().snippets)
        digest = hashlib.md5("".join(file.sha1 for file in files).encode(), usedforsecurity=False)
        spooled = SpooledArchive(self._file, batch_name(names), size, digest.hexdigest())
        return measured_upload(files[0].user, spooled, destination, archive=archive)

    def _leave_out_refused(self, refusal: RefusedError) -> None:
        """Leave out those files for which the others were refused, too."""
        refused: dict[ArchiveMember, str] = {}
        for member, file in self._members.items():
            try:
                self._judge(member, file)
            except RefusedError as error:
                refused[member] = str(error)
        if not refused:
            refused = dict.fromkeys(self._members, str(refusal))
        for member, reason in refused.items():
            _refuse([self._members.pop(member)], reason)

    def _judge(self, member: ArchiveMember, file: ChunkedFile) -> None:
        """Read one file as if it were alone. Raises RefusedError."""
        refuse_names([file.name], inspection_rules().snippets)
        archive = Archive(self._file, (member,))
        with new_scratch(file.name) as scratch, new_folder(file.name) as folder:
            first_pass(archive, self._source, scratch, folder)


def _write_down(source: Source, members: Assembled, stored: StoredUpload) -> None:
    ignored = " is ignored: "
    reasons = dict(said.split(ignored, 1) for said in stored.warnings if ignored in said)
    for member, file in members.items():
        key = stored.keys.get(member.name)
        row = _row_of(source, key) if key else None
        if key is None:
            reason = reasons.get(member.name, "it is not stored")
            _refuse([file], reason[:1].upper() + reason[1:])
        else:
            _finish([file], State.OK, row=row)


def _row_of(source: Source, key: str) -> FileUpload | None:
    return files_in(source, [key]).filter(IS_THERE).order_by("pk").last()


def _refuse(files: Iterable[ChunkedFile], reason: str) -> None:
    _finish(files, State.ERROR, detail=reason)


def _finish(
    files: Iterable[ChunkedFile], state: State, *, detail: str = "", row: FileUpload | None = None
) -> None:
    """Write down what became of files, unless somebody has begun them anew."""
    for file in files:
        ChunkedFile.objects.filter(pk=file.pk, batch=file.batch).update(
            state=state, detail=detail.replace("\0", ""), file=row, changed_at=timezone.now()
        )
