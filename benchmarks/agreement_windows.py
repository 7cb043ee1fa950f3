# SPDX-License-Identifier: MPL-2.0

"""Compare what is derived from PDBs and their PE files with what ``llvm-symbolizer`` says of them.

``python -m benchmarks.agreement_windows [--addresses N] [--functions] FILE.dll ...``, each with its PDB beside it.

Addresses are drawn and answers compared as ``benchmarks.agreement_native`` does. Of an address that differs it is
counted, too, whether the outer calls of both are the same: then one of them knows of more inlined calls. With
``--functions`` the names of functions are compared, as far as their own names go, without scopes and parameters.
"""

import argparse
import json
import random
import re
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.agreement_native import SYMBOLIZERS, Chain, chain_of, compare, symbolizer_chains
from benchmarks.harness import MEGABYTE
from tecken.core.native.derive import derive
from tecken.core.native.model import NativeFiles
from tecken.core.symbols.symbol_file import SymbolFile

_FUNCTION = re.compile(rb"\nFUNC ([0-9a-f]+) ([0-9a-f]+) ")
_SECTION = struct.Struct("<8sII20xI")
_CODE = 0x2000_0000


def code_of(path: Path) -> tuple[int, list[tuple[int, int]]]:
    """Return the address at which a PE file is linked to be, and where its code is, from there."""
    data = path.read_bytes()
    (start,) = struct.unpack_from("<I", data, 0x3C)
    count, optional_size = struct.unpack_from("<2xH12xH", data, start + 4)
    optional = start + 24
    is_wide = data[optional : optional + 2] == b"\x0b\x02"
    (base,) = struct.unpack_from(
        "<Q" if is_wide else "<I", data, optional + (24 if is_wide else 28)
    )
    ranges = []
    for number in range(count):
        fields = _SECTION.unpack_from(data, optional + optional_size + number * 40)
        _, size, address, flags = fields
        if flags & _CODE:
            ranges.append((address, address + size))
    return base, ranges


def examine(pe: Path, count: int) -> None:
    """Derive the symbols of a module, compare them, and print what was found."""
    pdb = pe.with_suffix(".pdb")
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "derived.sym"
        began = time.process_time()
        derived = derive(NativeFiles(pdb.name, pe, pdb, code_file=pe.name), output)
        seconds = time.process_time() - began
        text = output.read_bytes()
        print(
            f"{pdb.name} ({derived.arch}): {pdb.stat().st_size / MEGABYTE:.1f} MB,"
            f" {derived.functions:,} functions, {derived.publics:,} public symbols,"
            f" {derived.unwind_records:,} unwind records, {len(text) / MEGABYTE:.1f} MB of text in"
            f" {seconds:.2f} s",
            flush=True,
        )
        base, ranges = code_of(pe)
        spans = rng.choices(ranges, [end - start for start, end in ranges], k=count)
        functions = [(int(a, 16), int(size, 16)) for a, size in _FUNCTION.findall(text)]
        chosen = rng.choices(functions, k=count)
        sets = {
            "in the code": [rng.randrange(*span) for span in spans],
            "by function": [
                start + rng.choice([0, size - 1, rng.randrange(size), rng.randrange(size)])
                for start, size in chosen
            ],
        }
        with SymbolFile.open(output) as symbols:
            for name, addresses in sets.items():
                found = compare(symbols, base, pe, addresses)
                deeper, functions_equal = _deeper_and_names(symbols, base, pe, addresses)
                print(
                    f"  {name}: {100 * found.kinds['agrees'] / found.addresses:.3f} % of {found.addresses:,} agree"
                )
                for kind, number in found.kinds.most_common():
                    if kind != "agrees":
                        print(f"    {number:7,} {kind}: {found.examples[kind]}")
                print(f"    outer calls of those with more or fewer calls: {dict(deeper)}")
                print(f"    the function's own name: {dict(functions_equal)}", flush=True)


def _deeper_and_names(
    symbols: SymbolFile, base: int, pe: Path, addresses: Sequence[int]
) -> tuple[Counter[str], Counter[str]]:
    deeper: Counter[str] = Counter()
    names: Counter[str] = Counter()
    chains = symbolizer_chains(pe, [base + address for address in addresses])
    functions = symbolizer_functions(pe, [base + address for address in addresses])
    answers = symbols.lookup_many(addresses)
    for answer, theirs, function in zip(answers, chains, functions, strict=True):
        ours = chain_of(answer)
        if len(ours) != len(theirs):
            deeper[_how(ours, theirs)] += 1
        if answer and answer.function_offset < (answer.function_size or 0) and function:
            same = own_name(answer.function) == own_name(function)
            names["same" if same else "other"] += 1
            if not same and names["other"] < 6:
                print(f"      {answer.function} or {function}")
    return deeper, names


def _how(ours: Chain, theirs: Chain) -> str:
    shared = min(len(ours), len(theirs)) - 1
    outer = ours[-shared:] == theirs[-shared:] if shared else True
    longer, word = (ours, "ours") if len(ours) > len(theirs) else (theirs, "theirs")
    ends = longer[-1:] == (theirs if longer is ours else ours)[-1:]
    return (
        f"{word} deeper, {'same outside' if outer else 'same function line' if ends else 'other'}"
    )


def symbolizer_functions(pe: Path, addresses: Sequence[int]) -> list[str]:
    """Return the names of the functions themselves."""
    command = [SYMBOLIZERS[0], f"--obj={pe}", "--output-style=JSON"]
    text = "".join(f"{address:#x}\n" for address in addresses)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return [
        (json.loads(line)["Symbol"] or [{"FunctionName": ""}])[-1]["FunctionName"]
        for line in done.stdout.splitlines()
    ]


def own_name(function: str) -> str:
    """Return a function's name without scopes, parameters and what MSVC writes before it."""
    name = re.sub(r"<[^<>]*>", "", function)
    while name != (name := re.sub(r"<[^<>]*>", "", name)):
        pass
    name = name.partition("(")[0]
    return name.rpartition("::")[2].rpartition(" ")[2].lstrip("_")


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
