# SPDX-License-Identifier: MPL-2.0

"""Compare what is derived from PDBs and their PE files with what ``llvm-symbolizer`` says of them.

``python -m benchmarks.agreement_windows [--addresses N] FILE.dll ...``, each with its PDB beside it.

Addresses are drawn, and chains of calls compared, as ``benchmarks.agreement_native`` does. Where they differ it is
asked what the records of the PDB itself say, as ``llvm-pdbutil`` prints them: see ``explained``. Names of functions are
compared without their scopes and parameters, which both write in their own way.
"""

import argparse
import json
import random
import re
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.agreement_native import PADDING, SYMBOLIZERS, Chain, chain_of, kind_of
from benchmarks.harness import MEGABYTE
from benchmarks.pdb_records import PdbRecords
from tecken.core.native.derive import derive
from tecken.core.native.model import NativeFiles
from tecken.core.symbols.lookup import Symbol
from tecken.core.symbols.symbol_file import SymbolFile

_FUNCTION = re.compile(rb"\nFUNC ([0-9a-f]+) ([0-9a-f]+) ")
_SECTION = struct.Struct("<8sII20xI")
_CODE = 0x2000_0000
_NO_LINES = {0xF00F00, 0xFEEFEE}  # of code that a debugger shall step over


class PeLayout:
    """Where a PE file is linked to be, and its sections; all addresses but ``base`` count from there."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        (start,) = struct.unpack_from("<I", data, 0x3C)
        count, optional_size = struct.unpack_from("<2xH12xH", data, start + 4)
        optional = start + 24
        is_wide = data[optional : optional + 2] == b"\x0b\x02"
        layout, offset = ("<Q", 24) if is_wide else ("<I", 28)
        (self.base,) = struct.unpack_from(layout, data, optional + offset)
        sections = [
            _SECTION.unpack_from(data, optional + optional_size + number * 40)
            for number in range(count)
        ]
        self.sections = [address for _, _, address, _ in sections]
        self.code = [
            (address, address + size) for _, size, address, flags in sections if flags & _CODE
        ]


def explained(ours: Chain, theirs: Chain, records: PdbRecords, address: int) -> str:
    """Return why two chains differ, by the records of the PDB; empty where they do not tell."""
    depth = records.depth_at(address)
    if depth is None:
        return "lines of code that is in no function"
    if len(theirs) != len(ours) and depth == len(ours) - 1:
        return "the PDB has as many inlined calls as we"
    if len(ours) < len(theirs) and not records.has_own_lines(address):
        return "inlined calls in a function without lines, which we do not know"
    if any(line in _NO_LINES for _, line in theirs):
        return "their line is none"
    lines = records.lines_at(address)
    if len(lines) > 1 and ours[-1][1] == lines[-1] and theirs[-1][1] in lines:
        return "two lines begin at once, and ours is the last"
    if ours[1:] == theirs[1:] and depth and records.inlined_line_at(address) == ours[0][1]:
        return "the PDB has our line of the innermost call"
    return ""


def symbolizer_answers(path: Path, addresses: Sequence[int]) -> list[tuple[Chain, str]]:
    """Return what ``llvm-symbolizer`` says of addresses, as linked: the chains, and the functions' names."""
    command = [SYMBOLIZERS[0], f"--obj={path}", "--output-style=JSON"]
    text = "".join(f"{address:#x}\n" for address in addresses)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    answers = []
    for line in done.stdout.splitlines():
        frames = json.loads(line)["Symbol"]
        chain = [
            (re.split(r"[/\\]", frame["FileName"])[-1], frame["Line"]) if frame["Line"] else ("", 0)
            for frame in frames
        ]
        answers.append((chain or [("", 0)], frames[-1]["FunctionName"] if frames else ""))
    return answers


def own_name(function: str) -> str:
    """Return a function's name without scopes and parameters."""
    name = function
    while name != (shorter := re.sub(r"<[^<>]*>", "", name)):
        name = shorter
    name = re.sub(r"\(.*", "", name).replace("destructor'", "dtor'")
    return name.rpartition("::")[2].rpartition(" ")[2].strip("_@0123456789")


class Comparison:
    """Compares answers for a set of addresses, counted from the module's start."""

    def __init__(self, records: PdbRecords) -> None:
        self._records = records
        self.kinds: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def add(self, address: int, answer: Symbol | None, theirs: Chain, name: str) -> None:
        """Compare one answer."""
        ours = chain_of(answer)
        kind = kind_of(ours, theirs, answer)
        self.kinds[kind] += 1
        if kind == PADDING:
            return
        function = answer.function if answer else ""
        if kind != "agrees":
            reason = explained(ours, theirs, self._records, address) or "unexplained"
            self.reasons[reason] += 1
            self.examples.setdefault(reason, f"{address:#x} {function[:60]}: {ours} or {theirs}")
        if name and answer is not None:
            is_same = own_name(function) == own_name(name)
            self.names["same" if is_same else "other"] += 1
            if not is_same:
                self.examples.setdefault("other name", f"{function[:70]} or {name[:70]}")

    def show(self, title: str) -> None:
        """Print what was found."""
        outside = self.kinds.pop(PADDING, 0)
        inside = self.kinds.total()
        explained_too = inside - self.reasons["unexplained"]
        print(
            f"  {title}: {100 * self.kinds['agrees'] / inside:.3f} % of {inside:,} agree,"
            f" {100 * explained_too / inside:.3f} % with those that are explained, {outside:,} are {PADDING}"
        )
        for reason, number in self.reasons.most_common():
            print(f"    {number:7,} {reason}: {self.examples[reason]}")
        print(
            f"    {self.names['same']:,} names are the same, {self.names['other']:,} are not",
            end="",
        )
        print(f": {self.examples['other name']}" if self.names["other"] else "", flush=True)


def examine(pe: Path, count: int) -> None:
    """Derive the symbols of a module, compare them, and print what was found."""
    pdb, layout, rng = pe.with_suffix(".pdb"), PeLayout(pe), random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "derived.sym"
        began = time.process_time()
        derived = derive(NativeFiles(pdb.name, pe, pdb, code_file=pe.name), output)
        seconds = time.process_time() - began
        text, size = output.read_bytes(), pdb.stat().st_size
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{pdb.name} ({derived.arch}): {size / MEGABYTE:.1f} MB, {derived.functions:,} functions,"
            f" {derived.publics:,} public symbols, {derived.unwind_records:,} unwind records,"
            f" {len(text) / MEGABYTE:.1f} MB of text in {seconds:.2f} s"
            f" ({size / MEGABYTE / seconds:.1f} MB/s), {peak:.0f} MB resident",
            flush=True,
        )
        records = PdbRecords(pdb, layout.sections)
        with SymbolFile.open(output) as symbols:
            for title, addresses in _addresses(text, layout, count, rng).items():
                found = Comparison(records)
                answers = symbols.lookup_many(addresses)
                theirs = symbolizer_answers(pe, [layout.base + one for one in addresses])
                for address, answer, (chain, name) in zip(addresses, answers, theirs, strict=True):
                    found.add(address, answer, chain, name)
                found.show(title)


def _addresses(
    text: bytes, layout: PeLayout, count: int, rng: random.Random
) -> dict[str, list[int]]:
    spans = rng.choices(layout.code, [end - start for start, end in layout.code], k=count)
    functions = [(int(start, 16), int(size, 16)) for start, size in _FUNCTION.findall(text)]
    chosen = rng.choices(functions, k=count)
    return {
        "in the code": [rng.randrange(*span) for span in spans],
        "by function": [
            start + rng.choice([0, size - 1, rng.randrange(size), rng.randrange(size)])
            for start, size in chosen
        ],
    }


def main(arguments: Sequence[str]) -> None:
    """Compare the files named, one after the other."""
    parser = argparse.ArgumentParser(description="Agreement with llvm-symbolizer.")
    parser.add_argument("--addresses", type=int, default=20_000, help="of each set")
    parser.add_argument("files", type=Path, nargs="+", help="PE files")
    options = parser.parse_args(arguments)
    for path in options.files:
        examine(path, options.addresses)


if __name__ == "__main__":
    main(sys.argv[1:])
