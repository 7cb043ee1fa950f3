# SPDX-License-Identifier: MPL-2.0

"""Nodes with sources in folders, for tests of what suppliers find there."""

import gzip
import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.support.locators import make_locator

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.generations import FileGenerations
from tecken.core.locating.locator import Locator
from tecken.core.storage.digest import Digest
from tecken.core.storage.sources import Source, open_source
from tecken.core.storage.storing import StoringRules, store
from tecken.core.symbols.lookup import ReadLog, Symbol
from tecken.core.table_suppliers import Supplier
from tecken.core.tiers.entry_table import TABLE_FILE
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeTier
from tecken.core.tiers.written_back import WrittenBack

KEY = SymbolKey.of_module("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2")
RULES = StoringRules(frozenset({"sym"}), {"sym": "text/plain"})


def text(name: str = "f", functions: int = 5_000) -> bytes:
    records = (f"FUNC {n:x}0 10 0 {name}{n}\n{n:x}0 10 {n} 1\n" for n in range(1, functions))
    return ("FILE 1 a.c\n" + "".join(records)).encode()


@dataclass
class Node:
    """Sources in folders, and what one node keeps; ``supplier`` is that of a new process."""

    folder: Path
    sources: list[Source] = field(default_factory=list)

    def supplier(self, *ours: Source) -> Supplier:
        """``ours`` are sources that may be written to."""
        return Supplier(
            self.sources,
            MemoryTier(10_000_000),
            self.node_tier,
            self.locator,
            written=WrittenBack({source.name: source for source in ours}),
        )

    def forget(self) -> None:
        """Lose what the node keeps."""
        shutil.rmtree(self.folder / "symbolication", ignore_errors=True)

    @property
    def node_tier(self) -> NodeTier:
        return NodeTier(self.folder / "symbolication", 10_000_000)

    @property
    def generations(self) -> FileGenerations:
        return FileGenerations(self.folder / "generations")

    @property
    def locator(self) -> Locator:
        """That of a process that knows nothing."""
        return make_locator(self.generations, self.folder)

    def add_source(self, name: str) -> Source:
        (self.folder / name).mkdir()
        source = open_source((self.folder / name).as_uri(), "v1")
        self.sources.append(source)
        return source

    def kept(self) -> list[str]:
        """The kinds of files that the node's tier holds."""
        folder = self.folder / "symbolication"
        entries = (path for path in folder.glob("*[!k]") if TABLE_FILE not in path.name)
        return sorted("".join(path.suffixes) for path in entries)

    def path(self, source: Source, key: SymbolKey = KEY) -> Path:
        return self.folder / source.bucket.name / source.object_key(key)


def upload(source: Source, data: bytes, key: SymbolKey = KEY) -> None:
    """Store a symbol file as uploads do."""
    digest = Digest(len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
    store(source, key, [data], digest, RULES)


def put_by_hand(node: Node, source: Source, data: bytes) -> None:
    """Put a file into a bucket as somebody else may."""
    path = node.path(source)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


put_plain = put_by_hand


def put_gzip(node: Node, source: Source, data: bytes) -> None:
    put_by_hand(node, source, gzip.compress(data, 1))


def put_own(_node: Node, source: Source, data: bytes) -> None:
    upload(source, data)


every_kind = pytest.mark.parametrize("put", [put_own, put_plain, put_gzip])


def ask(supplier: Supplier, address: int = 0x10, log: ReadLog | None = None) -> Symbol | None:
    log = log or ReadLog()
    [symbol] = supplier.table_of(KEY, log).lookup([address], log)
    return symbol


def name_at(supplier: Supplier, address: int = 0x10) -> str | None:
    symbol = ask(supplier, address)
    return symbol and symbol.function


def remove(path: Path) -> None:
    path.unlink()


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def swap(path: Path) -> None:
    """Put the index of another object in its place."""
    other = open_source(path.parents[5].as_uri(), "v2")
    upload(other, text("other"))
    [index] = (path.parents[5] / "v2" / ".index").rglob("[0-9a-f]" * 32)
    path.write_bytes(index.read_bytes())
