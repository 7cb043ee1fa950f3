# SPDX-License-Identifier: MPL-2.0

"""Rendered frames: what was written of symbols, kept for answers to come as long as their table is.

The same symbol is rendered in another way for each *form*, which is the version of the answer and the
name of the module.
"""

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from weakref import WeakKeyDictionary

from tecken.core.symbolicate import Module, ModuleSymbols
from tecken.core.symbols.lookup import Offset, SymbolTable

_FRAME_BYTES = 150  # of the dictionary, the address and the head of a bytes object


class RenderedFrames:
    """The rendered frames of one table, by form and address.

    What was not used between two calls of ``forget_unused`` is dropped by the second.
    """

    def __init__(self) -> None:
        self._used = _FramesByForm()
        self._older = _FramesByForm()

    @property
    def memory_bytes(self) -> int:
        """About what all of them take."""
        return self._used.memory_bytes + self._older.memory_bytes

    @property
    def used_bytes(self) -> int:
        """About what those take that ``forget_unused`` would not drop."""
        return self._used.memory_bytes

    def find(self, form: str, offsets: Sequence[Offset]) -> list[bytes | None]:
        """Return the rendered frame of each offset, or None; only addresses have one."""
        used = self._used.of(form)
        if len(used) < 4 * len(offsets):
            used = dict(used)  # is read in its order: what lies scattered in memory is near then
        rendered: list[bytes | None] = [*map(used.get, offsets)]
        if (older := self._older.of(form)) and None in rendered:
            again = _picked(older, _not_rendered(offsets, rendered))
            self._used.add(form, again)
            self._older.drop(form, again)
            rendered = [
                frame_json or again.get(offset)
                for offset, frame_json in zip(offsets, rendered, strict=True)
            ]
        return rendered

    def keep(self, form: str, rendered: Mapping[Offset, bytes]) -> None:
        """Keep some more frames of a form."""
        self._used.add(form, rendered)

    def forget_unused(self) -> None:
        """Drop the frames that were not used since this was called before."""
        self._older, self._used = self._used, _FramesByForm()

    def forget(self) -> None:
        """Drop all of them."""
        self._older, self._used = _FramesByForm(), _FramesByForm()


class RenderedCache:
    """The rendered frames of all tables of this process."""

    def __init__(self) -> None:
        self._by_table: WeakKeyDictionary[SymbolTable, RenderedFrames] = WeakKeyDictionary()
        self._changing = Lock()

    @property
    def memory_bytes(self) -> int:
        """About what all of them take."""
        return sum(frames.memory_bytes for frames in self._all())

    def of(self, table: SymbolTable) -> RenderedFrames:
        """Return the frames of a table, of which there may be none yet."""
        frames = self._by_table.get(table)
        if frames is None:
            with self._changing:
                frames = self._by_table.setdefault(table, RenderedFrames())
        return frames

    def trim(self, max_bytes: int) -> None:
        """Drop what does not fit: half is for what was used of late, and half for what was used before."""
        kept = self._all()
        if 2 * sum(frames.used_bytes for frames in kept) > max_bytes:
            for frames in kept:
                frames.forget_unused()
        if sum(frames.memory_bytes for frames in kept) > max_bytes:
            for frames in kept:
                frames.forget()

    def _all(self) -> list[RenderedFrames]:
        with self._changing:
            return list(self._by_table.values())


class RenderedBefore:
    """What one request needs of a cache of rendered frames, which may be None.

    ``wanted`` is called for each of its modules before that is looked up.
    """

    def __init__(self, version: str, cache: RenderedCache | None = None) -> None:
        self._version = version
        self._cache = cache
        self._rendered: dict[Module, Sequence[bytes | None]] = {}

    def wanted(
        self, module: Module, table: SymbolTable, offsets: Sequence[Offset]
    ) -> Iterable[Offset]:
        """Return those of the offsets that were not rendered before, each once."""
        if self._cache is None:
            return dict.fromkeys(offsets)
        rendered = self._rendered[module] = self._cache.of(table).find(self._form(module), offsets)
        return _not_rendered(offsets, rendered)

    def rendered_of(self, module: Module, found: ModuleSymbols) -> Sequence[bytes | None]:
        """Return what was rendered before of each frame of a module, in their order, or nothing."""
        return self._rendered.get(module, ()) if found.table else ()

    def keep(self, module: Module, found: ModuleSymbols, rendered: Mapping[Offset, bytes]) -> None:
        """Keep what was rendered of a module for requests to come."""
        if self._cache and found.table:
            self._cache.of(found.table).keep(self._form(module), rendered)

    def _form(self, module: Module) -> str:
        return f"{self._version} {module[0]}"


class _FramesByForm:
    """Texts by form and address, and about what they take, which is exact whatever threads do."""

    def __init__(self) -> None:
        self._by_form: dict[str, dict[Offset, bytes]] = {}
        self._changing = Lock()
        self.memory_bytes = 0

    def of(self, form: str) -> dict[Offset, bytes]:
        return self._by_form.setdefault(form, {})

    def add(self, form: str, rendered: Mapping[Offset, bytes]) -> None:
        own = self.of(form)
        with self._changing:
            before = _bytes_of(_picked(own, rendered))  # another thread may have looked up the same
            own.update(rendered)
            self.memory_bytes += _bytes_of(rendered) - before

    def drop(self, form: str, rendered: Mapping[Offset, bytes]) -> None:
        own = self.of(form)
        with self._changing:
            self.memory_bytes -= _bytes_of(_picked(own, rendered))
            for address in rendered:
                own.pop(address, None)


def _not_rendered(offsets: Sequence[Offset], rendered: Sequence[bytes | None]) -> Iterable[Offset]:
    if None not in rendered:
        return ()
    return dict.fromkeys(
        offset for offset, frame_json in zip(offsets, rendered, strict=True) if frame_json is None
    )


def _picked(rendered: Mapping[Offset, bytes], offsets: Iterable[Offset]) -> dict[Offset, bytes]:
    """Return the rendered frames of these offsets, as far as there are any."""
    rendered_at = rendered.get
    return {
        offset: frame_json for offset in offsets if (frame_json := rendered_at(offset)) is not None
    }


def _bytes_of(rendered: Mapping[Offset, bytes]) -> int:
    return _FRAME_BYTES * len(rendered) + sum(map(len, rendered.values()))
