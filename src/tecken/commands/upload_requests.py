# SPDX-License-Identifier: MPL-2.0

"""The requests of ``tecken upload``: what is missing on the server, in zips."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tecken.client.errors import ClientError
from tecken.client.layout import Layout, Member, lay_out
from tecken.client.missing import Checker, Fingerprint, fingerprint_of
from tecken.client.resumable import (
    DEFAULT_CHUNK_BYTES,
    Target,
    is_worth_chunks,
    upload_in_chunks,
)
from tecken.client.server import Server
from tecken.client.splitting import iter_packs
from tecken.client.terminal import human_size
from tecken.client.unpacking import is_tar, unpack
from tecken.client.upload import Uploaded, upload_archive, upload_by_url
from tecken.client.zips import UnreadableZipError, ZippedFile, files_of, holds_symbols, write_part
from tecken.commands.options import note, progress_bar
from tecken.core.native.identify import kind_of_file
from tecken.core.native.kinds import Kind

EXIT_PARTLY = 3
EXIT_REFUSED = 4

Send = Callable[[], Uploaded]


@dataclass
class Outcome:
    """What became of the requests. ``missing`` counts what was to be there and is not."""

    done: int = 0
    refused: int = 0
    missing: int = 0

    @property
    def exit_code(self) -> int:
        """Return what the command's help says of it."""
        if not self.missing:
            return 0
        if self.done:
            return EXIT_PARTLY
        return EXIT_REFUSED if self.refused else 1


@dataclass(frozen=True, slots=True)
class Request:
    """Something to send, or only files that need not be sent.

    ``keys`` are those of the files that go, where they are known, and ``present`` of those that the
    server has.
    """

    name: str
    send: Send | None
    keys: Sequence[str] = ()
    present: Sequence[str] = ()


@dataclass(frozen=True)
class Sender:
    """Makes the requests, one after the other, each when it is its turn.

    Nothing is compressed with ``is_rehearsal``, and then what a request sends may not be asked for.
    """

    server: Server
    checker: Checker
    max_bytes: int
    outcome: Outcome
    try_symbols: bool = False
    bucket_name: str = ""
    is_rehearsal: bool = False
    chunk_bytes: int = DEFAULT_CHUNK_BYTES

    def requests(self, paths: Sequence[Path], urls: Sequence[str]) -> Iterator[Request]:
        """Yield the requests."""
        zips = [path for path in paths if _is_zip(path)]
        others = [path for path in paths if path not in zips]
        with tempfile.TemporaryDirectory(prefix="tecken-") as folder:
            yield from self._requests(zips, _unpacked(others, Path(folder)), urls)

    def _requests(
        self, zips: Sequence[Path], others: Sequence[Path], urls: Sequence[str]
    ) -> Iterator[Request]:
        layout, found = self._checked_layout(others)
        for url in urls:
            yield Request(url, partial(self._fetch, url))
        for path in (*zips, *found):
            yield from self._of_zip(path)
        yield from self._of_members(layout.members, others)

    def _checked_layout(self, paths: Sequence[Path]) -> tuple[Layout, list[Path]]:
        """Return what goes into zips, and the zips of symbols that lie in folders."""
        layout = lay_out(paths)
        zips = [
            out.path for out in layout.left_out if _is_zip(out.path) and holds_symbols(out.path)
        ]
        for left_out in layout.left_out:
            if left_out.path not in zips:
                note(f"left out {left_out.path}: {left_out.reason}")
                self.outcome.missing += left_out.missed
        if paths and not layout.members and not zips:
            raise ClientError(
                "there is nothing to upload: no file that belongs into a symbol store"
            )
        return layout, zips

    def _of_zip(self, path: Path) -> Iterator[Request]:
        """Yield a zip as it is, or a smaller one of what is missing, or what need not be sent."""
        try:
            files = files_of(path) if self.checker.can_ask else []
        except UnreadableZipError:
            files = []  # the server will say what is wrong with it
        except ClientError as error:
            note(f"Error: {error}")
            self.outcome.refused += 1
            self.outcome.missing += 1
            return
        fingerprints = [file.fingerprint for file in files]
        missing = self.checker.missing(fingerprints) if files else None
        keys, present = _parted(fingerprints, missing)
        if present and not keys:
            yield Request(path.name, None, keys, present)
        elif present and _is_worth_a_part(files, keys) and not self.is_rehearsal:
            with tempfile.TemporaryFile(suffix=".zip") as part:
                wanted = set(keys)
                write_part(path, [f.name for f in files if f.fingerprint.key in wanted], part)
                yield Request(path.name, partial(self._send, path.name, part), keys, present)
        else:
            with path.open("rb") as archive:
                yield Request(path.name, partial(self._send, path.name, archive), keys, present)

    def _of_members(self, members: Sequence[Member], paths: Sequence[Path]) -> Iterator[Request]:
        """Yield zips of what is missing, after what need not be sent."""
        name = partial(_zip_name, paths)
        if members and self.checker.can_ask:
            missing = self.checker.missing(map(fingerprint_of, members))
            if missing is not None:
                present = [str(m.key) for m in members if str(m.key) not in missing]
                members = [m for m in members if str(m.key) in missing]
                if present:
                    yield Request(name(1), None, (), present)
        if self.is_rehearsal:
            if members:
                yield Request(name(1), None, [str(member.key) for member in members])
            return
        for number, pack in enumerate(iter_packs(members, self.max_bytes), 1):
            if pack.too_large:
                key, size = pack.members[0].key, human_size(pack.size)
                note(f"left out {key}: alone it is {size}, more than --max-request-bytes")
                self.outcome.missing += 1
                continue
            keys = [str(member.key) for member in pack.members]
            yield Request(name(number), partial(self._send, name(number), pack.archive), keys)

    def _send(self, name: str, archive: BinaryIO) -> Uploaded:
        with progress_bar(name, "the server checks and stores it") as progress:
            if is_worth_chunks(archive, self.chunk_bytes):
                target = Target(name, self.try_symbols, self.bucket_name)
                uploaded = upload_in_chunks(
                    self.server, archive, target, self.chunk_bytes, progress
                )
                if uploaded is not None:
                    return uploaded
            return upload_archive(
                self.server,
                archive,
                name,
                try_symbols=self.try_symbols,
                bucket_name=self.bucket_name,
                progress=progress,
            )

    def _fetch(self, url: str) -> Uploaded:
        return upload_by_url(
            self.server, url, try_symbols=self.try_symbols, bucket_name=self.bucket_name
        )


def _is_zip(path: Path) -> bool:
    """Say whether this is an archive by its name: a source bundle (``app.src.zip``) is a file of a build."""
    if path.suffix.lower() != ".zip" or path.is_dir():
        return False
    return not path.is_file() or kind_of_file(path) is not Kind.SOURCEBUNDLE


def _unpacked(paths: Sequence[Path], folder: Path) -> list[Path]:
    """Return paths, with the folder that each tar was unpacked to in its place; its name is the tar's."""
    found = []
    for number, path in enumerate(paths):
        if is_tar(path):
            target = folder / str(number) / path.name
            target.mkdir(parents=True)
            unpack(path, target)
            found.append(target)
        else:
            found.append(path)
    return found


def _parted(files: Iterable[Fingerprint], missing: set[str] | None) -> tuple[list[str], list[str]]:
    """Return the keys of what is missing, and of what is there."""
    keys: list[str] = []
    present: list[str] = []
    for file in files:
        (keys if missing is None or file.key in missing else present).append(file.key)
    return keys, present


def _is_worth_a_part(files: Sequence[ZippedFile], keys: Sequence[str]) -> bool:
    """Say whether so little of a zip is missing that compressing it again is less than sending it all."""
    wanted = set(keys)
    stored = sum(file.stored_bytes for file in files if file.fingerprint.key in wanted)
    return 2 * stored <= sum(file.stored_bytes for file in files)


def _zip_name(paths: Sequence[Path], number: int) -> str:
    """Name a zip by the only folder or file in it, as people will look for it among the uploads."""
    name = paths[0].absolute().name if len(paths) == 1 else ""
    return f"{name or 'symbols'}{f'-{number}' if number > 1 else ''}.zip"
