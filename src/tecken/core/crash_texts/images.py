# SPDX-License-Identifier: MPL-2.0

"""The modules of a process by name and by address."""

from bisect import bisect_right
from dataclasses import replace

from tecken.core.crash_texts.ids import base_name
from tecken.core.crash_texts.model import Module

# Of a module whose end nobody said: what lies further from its base is not of it.
_MAX_SIZE = 1 << 30
_MAX_MODULES = 50_000
_WINDOWS = (".dll", ".exe", ".sys", ".drv", ".ocx", ".cpl", ".node", ".pyd")


def _stem(name: str) -> str:
    """Return the name without what Windows tools leave out: ``ntdll`` of ``NTDLL.DLL``."""
    name = base_name(name).lower()
    stem, dot, extension = name.rpartition(".")
    if extension == "ko":
        return name.replace("-", "_")  # as the kernel calls its modules
    return stem if dot and f".{extension}" in (*_WINDOWS, ".pdb") else name


class Images:
    """What is known of the modules of a text: what was said of one name in several lines is put together."""

    def __init__(self) -> None:
        self.modules: list[Module] = []
        self._by_name: dict[str, Module] = {}
        self._by_base_name: dict[str, Module] = {}
        self._by_stem: dict[str, Module] = {}
        self._by_start: list[tuple[int, Module]] | None = None

    def add(self, module: Module, override: bool = False) -> Module:
        """Take in what a line says; what is known already stays, unless it is to be overridden."""
        self._by_start = None
        known = self._by_name.get(module.name)
        if known is None:
            namesake = self._by_base_name.get(base_name(module.name))
            if namesake and not (_is_path(module.name) and _is_path(namesake.name)):
                known = namesake
        if known is None:
            return self._new(module)
        if module.debug_id and (override or known.debug_id is None):
            known.debug_file, known.debug_id = module.debug_file, module.debug_id
        known.code_file = known.code_file or module.code_file
        known.code_id = known.code_id or module.code_id
        if known.base is None:
            known.base = module.base
        elif module.base is not None:
            known.base = min(known.base, module.base)
        if module.end is not None:
            known.end = max(known.end or 0, module.end)
        return known

    def named(self, name: str) -> Module | None:
        """Return the module that a text calls so: by its path, its file's name, or that without ``.dll``."""
        return (
            self._by_name.get(name)
            or self._by_base_name.get(base_name(name))
            or self._by_stem.get(_stem(name))
        )

    def at(self, address: int) -> Module | None:
        """Return the module that an address lies in."""
        if self._by_start is None:
            self._by_start = sorted(
                ((module.base, module) for module in self.modules if module.base is not None),
                key=lambda pair: pair[0],
            )
        index = bisect_right(self._by_start, address, key=lambda pair: pair[0]) - 1
        if index < 0:
            return None
        base, module = self._by_start[index]
        end = module.end if module.end is not None else base + _MAX_SIZE
        return module if address < end else None

    def moved(self, module: Module, base: int) -> None:
        """Note where a module lies."""
        module.base, self._by_start = base, None

    def _new(self, module: Module) -> Module:
        if len(self.modules) >= _MAX_MODULES:
            return module
        module = replace(module)
        self.modules.append(module)
        self._by_name.setdefault(module.name, module)
        for name in (module.name, module.code_file or "", module.debug_file):
            self._by_base_name.setdefault(base_name(name), module)
            self._by_stem.setdefault(_stem(name), module)
        return module


def _is_path(name: str) -> bool:
    return base_name(name) != name
