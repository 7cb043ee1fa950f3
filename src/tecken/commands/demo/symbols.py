# SPDX-License-Identifier: MPL-2.0

"""The symbol files of the demo: small, made up, and good to symbolicate with."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

_SOURCES = (
    "hg:hg.demo.example/demo:browser/window.cpp:1f2e3d4c5b6a",
    "hg:hg.demo.example/demo:browser/tabs.cpp:1f2e3d4c5b6a",
    "git:git.demo.example/engine:src/layout/block.cpp:9a8b7c6d",
    "git:git.demo.example/engine:src/layout/inline.h:9a8b7c6d",
    "/build/engine/src/script/interpreter.cpp",
)
_NOUNS = ("Window", "Tab", "BlockFrame", "Interpreter", "Cache", "Socket", "Image", "Timer")
_VERBS = ("Open", "Close", "Paint", "Reflow", "Run", "Find", "Store", "Load", "Notify", "Measure")
_INLINED = (
    "RefPtr<Widget>::get()",
    "Rect::Intersect(Rect const&)",
    "Vector<int, 8u>::append(int&&)",
)
_START = 0x1000


@dataclass(frozen=True, slots=True)
class DemoModule:
    """One module of a build; ``functions`` is how many its symbol file has."""

    system: str  # as MODULE lines have it
    debug_file: str
    version: str
    functions: int
    code_file: str = ""

    @property
    def debug_id(self) -> str:
        """A GUID that is always the same, and the age 1."""
        return f"{self._digest('debug', 16)}1"

    @property
    def code_id(self) -> str:
        """A timestamp and a size where there is a code file, else a build id."""
        return self._digest("code", 6) if self.code_file else self._digest("code", 20)

    @property
    def symbol_file(self) -> str:
        """``demo-browser.sym``."""
        return f"{self.debug_file.removesuffix('.pdb')}.sym"

    @property
    def path(self) -> str:
        """Where the symbol file lies in an archive: its symbol key."""
        return f"{self.debug_file}/{self.debug_id}/{self.symbol_file}"

    def _digest(self, what: str, size: int) -> str:
        text = "\0".join((what, self.system, self.debug_file, self.version))
        return blake2b(text.encode(), digest_size=size).hexdigest().upper()


def symbol_text(module: DemoModule, generator: str = "dump_syms 2.3.4") -> bytes:
    """Return the symbol file of a module, as ``dump_syms`` would have written it."""
    return "\n".join([*_head(module, generator), *_functions(module.functions), ""]).encode()


def _head(module: DemoModule, generator: str) -> Iterator[str]:
    yield f"MODULE {module.system} x86_64 {module.debug_id} {module.debug_file}"
    yield f"INFO CODE_ID {module.code_id} {module.code_file}".rstrip()
    yield f"INFO GENERATOR {generator}"
    yield from (f"FILE {number} {name}" for number, name in enumerate(_SOURCES))
    yield from (f"INLINE_ORIGIN {number} {name}" for number, name in enumerate(_INLINED))


def _functions(count: int) -> Iterator[str]:
    """Yield functions of 64 bytes, of three lines each, with an inlined call in every second."""
    for number in range(count):
        start = _START + number * 0x40
        source = number % len(_SOURCES)
        line = 20 + 12 * number
        noun, verb = _NOUNS[number % len(_NOUNS)], _VERBS[number // len(_NOUNS) % len(_VERBS)]
        part = number // (len(_NOUNS) * len(_VERBS))
        yield f"FUNC {start:x} 40 0 demo::{noun}::{verb}({f'Part{part} const&' if part else ''})"
        if number % 2:
            yield f"INLINE 0 {line + 1} {source} {number % len(_INLINED)} {start + 0x10:x} 10"
        yield f"{start:x} 10 {line} {source}"
        yield f"{start + 0x10:x} 10 {line + 1} {(source + number % 2) % len(_SOURCES)}"
        yield f"{start + 0x20:x} 20 {line + 3} {source}"
    yield f"PUBLIC {_START + count * 0x40:x} 0 demo_main"
