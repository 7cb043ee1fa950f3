# SPDX-License-Identifier: MPL-2.0

"""Another symbol server behind a bucket that keeps what it has sent.

Whoever looks for a key asks ``find``: what the bucket has is there at once; what the server was found not to have is
remembered; the rest is fetched by a thread of the process, once for the node, or for all nodes that share the
bucket, and waited for within bounds.
"""

import hashlib
import logging
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Literal
from urllib.parse import unquote

from tecken.core.concurrency.file_lock import file_lock
from tecken.core.errors import (
    BeingFetchedError,
    CrowdedError,
    ObjectNotFoundError,
    ObjectPendingError,
    StorageError,
    StorageUnavailableError,
    WrongFileError,
)
from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.native.kinds import Identified, Role
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.digest import Digest
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import StoringRules, store
from tecken.core.tempfiles.spooling import spooling
from tecken.core.upstreams.asking import AskedServer
from tecken.core.upstreams.claims import Claims
from tecken.core.upstreams.fetches import Fetches, Patience, TooManyError
from tecken.core.upstreams.layouts import (
    WantedFiles,
    is_symbol_file,
    usable_code_id,
    wanted_files,
)
from tecken.core.upstreams.receiving import check_native, check_symbols, file_chunks
from tecken.core.upstreams.urls import Layout
from tecken.core.upstreams.verdicts import MISSING, PENDING, REFUSED, Verdict, Verdicts

FOLDER_PREFIX = "fetch-"
_LOCKS = 4096  # many more than fetches; keys that share one wait for each other
_PENDING_SECONDS = (
    300.0  # then it is asked again whether the file is there, and the task is found waiting
)
_TURN_SECONDS = 60.0  # for what another process of the node fetches
_DERIVED = "its symbols are being derived from a native file of {}; try again later"
_FETCHED = "it has not answered yet; try again in a moment"

logger = logging.getLogger(__name__)

Outcome = Literal["found", "missing", "pending", "refused", "failed"]
_OUTCOMES: dict[str, Outcome] = {MISSING: "missing", PENDING: "pending", REFUSED: "refused"}
# Called with an outcome and its seconds, and with received bytes.
Noted = Callable[[Outcome, float, int], None]
# Has symbols derived in the background.
DeriveLater = Callable[[str, SymbolKey, str], None]
Found = ObjectInfo | Verdict


@dataclass(frozen=True, slots=True)
class UpstreamRules:
    """What holds for all other servers: seconds, limits, folders of the node.

    After ``stored`` bytes were stored it is called with their number, and ``failed`` with the reason why a
    server could not be asked.
    """

    missing_seconds: float
    storing: StoringRules
    temporary_folder: Path
    locks_folder: Path
    stored: Callable[[int], None] = lambda _: None
    derive_later: DeriveLater = lambda *_: None
    noted: Noted = lambda *_: None
    failed: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class NativeFile:
    """A file of a module that was fetched to derive symbols of it. ``name`` is its own.

    It may be the alternate of another one: what dwz has taken out of several files.
    """

    path: Path
    name: str
    module: Identified
    is_alternate: bool = False


@dataclass(eq=False)
class Upstream:
    """One server. ``cache`` is the source that keeps its files, by the same keys.

    Where several nodes have that cache, ``claims`` say which of them fetches a file.
    """

    cache: Source
    server: AskedServer
    verdicts: Verdicts
    patience: Patience
    rules: UpstreamRules
    claims: Claims | None = None
    _fetches: "Fetches[Found]" = field(init=False)

    def __post_init__(self) -> None:
        self._fetches = Fetches(f"upstream {self.cache.name}", self.server.pace.at_once)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.server.name

    @property
    def is_paused(self) -> bool:
        """Whether it is left alone for a moment."""
        return self.server.is_paused

    @property
    def _layout(self) -> Layout:
        return self.server.client.url.layout

    def find(self, key: SymbolKey, code_id: str = "") -> ObjectInfo:
        """Return the object of a key. Raises as ``OtherServer`` says, StorageError of the bucket."""
        code_id = usable_code_id(key, code_id)
        wanted = wanted_files(self._layout, key, code_id)
        if not wanted.itself and not wanted.parts:
            return self.cache.bucket.head(self.cache.object_key(key))
        found = self._known(key, code_id) or self._wait(key, code_id, wanted)
        if isinstance(found, ObjectInfo):
            return found
        if found.state == PENDING:
            raise ObjectPendingError(self.name, str(key), _DERIVED.format(self.name))
        raise ObjectNotFoundError(self.name, str(key))

    def kept(self, key: SymbolKey) -> ObjectInfo:
        """Return the object of a key that was fetched before. Raises StorageError."""
        return self.cache.bucket.head(self.cache.object_key(key))

    def forget(self, key: SymbolKey) -> None:
        """Forget that it has not got a key."""
        self.verdicts.forget(key, "")

    def check(self) -> None:
        """Ask it for nothing in particular, once in a while at most. Raises StorageUnavailableError."""
        self.server.check()

    def fetch_parts(self, key: SymbolKey, code_id: str, folder: Path) -> list[NativeFile]:
        """Fetch what the symbols of a module are derived from; the first part must be there, others may.

        Raises ObjectNotFoundError, WrongFileError, StorageError.
        """
        code_id = usable_code_id(key, code_id)
        found: list[NativeFile] = []
        for number, part in enumerate(wanted_files(self._layout, key, code_id).parts):
            if any(part.role == file.module.role for file in found):
                continue  # one file that has both
            path = folder / f"part-{number}"
            received = self.server.receive(part, path, key)
            if received.is_there:
                name = _file_name(received.path, key)
                found.append(NativeFile(path, name, check_native(path, name, key, code_id)))
        if not found:
            raise ObjectNotFoundError(self.name, str(key))
        return [*found, *self._fetch_alternate(found, folder)]

    def _fetch_alternate(self, files: Sequence[NativeFile], folder: Path) -> Iterator[NativeFile]:
        """Yield what dwz has taken out of some files, where the server has files by their build ids."""
        alternate_id = next(filter(None, (file.module.alternate_id for file in files)), "")
        if not alternate_id:
            return
        key = NativeKey.of_id(alternate_id, Role.DEBUGINFO)
        wanted = wanted_files(self._layout, key).itself
        path = folder / "alternate"
        if wanted and self.server.receive(wanted, path, key).is_there:
            yield NativeFile(path, path.name, check_native(path, path.name, key), True)

    def keep(self, key: SymbolKey, code_id: str, path: Path, digest: Digest) -> ObjectInfo:
        """Store a file that was checked. Raises StorageError."""
        with path.open("rb") as file:
            info = store(self.cache, key, file_chunks(file), digest, self.rules.storing)
        for each in {code_id, ""}:
            self.verdicts.forget(key, each)
        self.rules.stored(info.size)
        return info

    def refuse(self, key: SymbolKey, code_id: str, reason: str) -> Verdict:
        """Remember that what it sent cannot be used."""
        logger.warning("%s: %s is not used: %s", self.name, key, reason)
        return self._judge(key, code_id, Verdict(REFUSED, reason), self.rules.missing_seconds)

    def _known(self, key: SymbolKey, code_id: str) -> Found | None:
        """Return what the bucket has, or what is remembered."""
        verdict = self.verdicts.read(key, code_id)
        if verdict is not None and verdict.state != PENDING:
            return verdict
        try:
            return self.cache.bucket.head(self.cache.object_key(key))
        except ObjectNotFoundError:
            return verdict

    def _wait(self, key: SymbolKey, code_id: str, wanted: WantedFiles) -> Found:
        """Have a key fetched, and wait for it as long as may be."""
        name = f"{key}\0{code_id}"
        try:
            with self.patience.waiting() as seconds:
                if (
                    not seconds
                ):  # nothing more is begun for a request that has waited as long as it may
                    raise BeingFetchedError(self.name, str(key), _FETCHED)
                fetching = self._fetches.begin(name, lambda: self._fetch_once(key, code_id, wanted))
                return fetching.result(seconds)
        except TooManyError:
            reason = "as many wait for it as may; try again in a moment"
            raise CrowdedError(self.name, str(key), reason) from None
        except FutureTimeoutError:
            raise BeingFetchedError(self.name, str(key), _FETCHED) from None

    def _fetch_once(self, key: SymbolKey, code_id: str, wanted: WantedFiles) -> Found:
        """Do so unless another process, of this node or another one, has just done it."""
        number = zlib.crc32(f"{self.cache.name}:{key}".encode()) % _LOCKS
        # Whoever has the lock may be stopped; then it is asked twice.
        with file_lock(self.rules.locks_folder / f"{number}.lock", _TURN_SECONDS):
            known = partial(self._known, key, code_id)
            fetch = partial(self._noting, key, code_id, wanted)
            if self.claims is None:
                return known() or fetch()
            # What the key of a claim says is the file, however it is asked for.
            return self.claims.once(str(key), known, fetch, _TURN_SECONDS)

    def _noting(self, key: SymbolKey, code_id: str, wanted: WantedFiles) -> Found:
        """Ask, and count what came of it."""
        started = perf_counter()
        outcome: Outcome = "failed"
        size = 0
        try:
            found = self._ask(key, code_id, wanted)
            if isinstance(found, ObjectInfo):
                outcome, size = "found", found.size
            else:
                outcome = _OUTCOMES[found.state]
            return found
        except StorageError as error:
            logger.info("%s could not be asked for %s: %s", self.name, key, error.reason)
            self.rules.failed(error.reason)
            raise
        except OSError as error:  # of a temporary file
            raise StorageUnavailableError(
                self.name, str(key), error.strerror or str(error)
            ) from error
        finally:
            self.rules.noted(outcome, perf_counter() - started, size)

    def _ask(self, key: SymbolKey, code_id: str, wanted: WantedFiles) -> Found:
        try:
            found = self._fetch(key, code_id, wanted)
        except WrongFileError as error:
            return self.refuse(key, code_id, error.reason)
        return found or self._ask_for_parts(key, code_id, wanted)

    def _fetch(self, key: SymbolKey, code_id: str, wanted: WantedFiles) -> ObjectInfo | None:
        """Fetch a file itself, and store it; None when it is not there."""
        if wanted.itself is None:
            return None
        with self._temporary_folder() as folder:
            path = folder / "file"
            if not self.server.receive(wanted.itself, path, key).is_there:
                return None
            if is_symbol_file(key):
                digest = check_symbols(path, key, self.server.receiving.inspection)
            else:
                check_native(path, key.symbol_file, key, code_id)
                digest = _digest(path)
            return self.keep(key, code_id, path, digest)

    def _ask_for_parts(self, key: SymbolKey, code_id: str, wanted: WantedFiles) -> Verdict:
        """Have symbols derived if the server has something; else remember that it has not."""
        if not any(self.server.has(part, key) for part in wanted.parts):
            return self._judge(key, code_id, Verdict(MISSING), self.rules.missing_seconds)
        self.rules.derive_later(self.cache.name, key, code_id)
        return self._judge(key, code_id, Verdict(PENDING), _PENDING_SECONDS)

    def _judge(self, key: SymbolKey, code_id: str, verdict: Verdict, seconds: float) -> Verdict:
        self.verdicts.write(key, code_id, verdict, seconds)
        return verdict

    @contextmanager
    def _temporary_folder(self) -> Iterator[Path]:
        parent = self.rules.temporary_folder
        with spooling():
            parent.mkdir(parents=True, exist_ok=True)
            folder = tempfile.TemporaryDirectory(
                prefix=FOLDER_PREFIX, dir=parent, ignore_cleanup_errors=True
            )
        with folder as name:
            yield Path(name)


def _file_name(url_path: str, key: SymbolKey) -> str:
    """Return what a file is called whose URL has its name first, or the module's name where it has not."""
    first = unquote(url_path.partition("/")[0])
    return first if url_path.count("/") == 2 and "." in first.strip("._") else key.debug_file


def _digest(path: Path) -> Digest:
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        return Digest(file.tell(), md5)
