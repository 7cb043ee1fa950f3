# SPDX-License-Identifier: MPL-2.0

"""Compare what is derived from native files with what ``llvm-symbolizer`` says of them.

``python -m benchmarks.agreement_native [--addresses N] [--executable FILE] [--alternate FILE] [--split FILE] FILE ...``

Of each file the symbols are derived, and read by the product's own reader. Two sets of addresses are
looked up: at random in its code, and in each of many functions; half of these at its ends. An address
agrees when the whole chain of calls does: at each level the line, and the name of the file without
its folders. What differs is counted by kind, with an example of each.

Between functions are some bytes of padding, which are never run. The symbolizer has a line there, that of
the code before them; we have none, as they are in no function. They are counted apart.
"""

import argparse
import json
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import MEGABYTE
from tecken.core.native.derive import derive
from tecken.core.native.model import NativeFiles
from tecken.core.native.opened import OpenedFiles
from tecken.core.symbols.lookup import Symbol
from tecken.core.symbols.symbol_file import SymbolFile

PADDING = "between functions"
SYMBOLIZERS = ["llvm-symbolizer-19", "llvm-symbolizer"]
_FUNCTION = re.compile(rb"\nFUNC ([0-9a-f]+) ([0-9a-f]+) ")

Chain = list[tuple[str, int]]  # file name and line, the innermost call first


@dataclass
class Agreement:
    """How many addresses of one set agree, and what the others are."""

    addresses: int
    kinds: Counter[str]
    examples: dict[str, str]


def chain_of(symbol: Symbol | None) -> Chain:
    """Return what our reader says of an address."""
    if symbol is None:
        return [("", 0)]
    calls = [(call.file, call.line) for call in symbol.inlines]
    return [_position(file, line) for file, line in [*calls, (symbol.file, symbol.line)]]


def _position(path: str | None, line: int | None) -> tuple[str, int]:
    """Return a file's name and a line in it. Without a line, the symbolizer has a file from elsewhere at times."""
    return (re.split(r"[/\\]", path or "")[-1], line) if line else ("", 0)


def symbolizer_chains(path: Path, addresses: Sequence[int]) -> list[Chain]:
    """Return what ``llvm-symbolizer`` says of addresses, as linked."""
    program = next(name for name in SYMBOLIZERS if shutil.which(name))
    command = [program, f"--obj={path}", "--output-style=JSON", "--no-demangle"]
    text = "".join(f"{address:#x}\n" for address in addresses)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return [
        [_position(frame["FileName"], frame["Line"]) for frame in json.loads(line)["Symbol"]]
        or [("", 0)]
        for line in done.stdout.splitlines()
    ]


def kind_of(ours: Chain, theirs: Chain, symbol: Symbol | None) -> str:
    """Return in what way two chains differ."""
    if ours == theirs:
        return "agrees"
    if symbol and symbol.function_size and symbol.function_offset >= symbol.function_size:
        return PADDING
    if theirs == [("", 0)]:
        return "they have nothing"
    if ours == [("", 0)]:
        return "we have nothing"
    if len(ours) != len(theirs):
        return f"{'more' if len(ours) > len(theirs) else 'fewer'} calls than theirs"
    if [line for _, line in ours] == [line for _, line in theirs]:
        return "other files"
    return "other line of the innermost" if ours[1:] == theirs[1:] else "other lines"


def compare(symbols: SymbolFile, base: int, path: Path, addresses: Sequence[int]) -> Agreement:
    """Compare answers for addresses, counted from the module's start."""
    answers = symbols.lookup_many(addresses)
    theirs = symbolizer_chains(path, [base + address for address in addresses])
    found = Agreement(len(addresses), Counter(), {})
    for address, answer, other in zip(addresses, answers, theirs, strict=True):
        ours = chain_of(answer)
        kind = kind_of(ours, other, answer)
        found.kinds[kind] += 1
        if kind != "agrees":
            name = answer.function if answer else ""
            found.examples.setdefault(kind, f"{base + address:#x} {name[:60]}: {ours} or {other}")
    return found


def _addresses(text: bytes, files: NativeFiles, count: int) -> dict[str, list[int]]:
    """Draw addresses: uniformly in the code, and by function."""
    rng = random.Random(1)
    bounds = OpenedFiles(files)
    base = bounds.bounds.base
    ranges = [span for found in bounds.objects[-1:] for span in found.code_ranges]
    sizes = [end - start for start, end in ranges]
    spans = rng.choices(ranges, sizes, k=count)
    functions = [(int(a, 16), int(size, 16)) for a, size in _FUNCTION.findall(text)]
    chosen = rng.choices(functions, k=count)
    return {
        "in the code": [rng.randrange(*span) - base for span in spans],
        "by function": [
            start + rng.choice([0, size - 1, rng.randrange(size), rng.randrange(size)])
            for start, size in chosen
        ],
    }


def examine(files: NativeFiles, compared: Path, count: int) -> None:
    """Derive the symbols of a module, compare them, and print what was found."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "derived.sym"
        began = time.process_time()
        derived = derive(files, output)
        seconds = time.process_time() - began
        opened = OpenedFiles(files)
        size = sum(debug_bytes(found) for found in opened.objects)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        text = output.read_bytes()
        print(
            f"{compared.name}: {size / MEGABYTE:.1f} MB of debug sections, {derived.functions:,}"
            f" functions, {len(text) / MEGABYTE:.1f} MB of text in {seconds:.2f} s"
            f" ({size / MEGABYTE / seconds:.1f} MB/s), {peak:.0f} MB resident",
            flush=True,
        )
        with SymbolFile.open(output) as symbols:
            for name, addresses in _addresses(text, files, count).items():
                found = compare(symbols, opened.bounds.base, compared, addresses)
                outside = found.kinds.pop(PADDING, 0)
                inside = found.addresses - outside
                percent = 100 * found.kinds["agrees"] / inside
                print(f"  {name}: {percent:.3f} % of {inside:,} agree, {outside:,} are {PADDING}")
                for kind, number in found.kinds.most_common():
                    if kind != "agrees":
                        print(f"    {number:7,} {kind}: {found.examples[kind]}", flush=True)


def debug_bytes(found: object) -> int:
    """Return how many bytes the debug sections of a file have, inflated."""
    names = [
        "info", "abbrev", "line", "str", "line_str", "ranges", "rnglists", "loc", "loclists",
        "aranges", "addr", "str_offsets", "types", "macro",
    ]  # fmt: skip
    section = found.debug_section  # type: ignore[attr-defined]
    return sum(content.size for name in names if (content := section(name)))


def main(arguments: Sequence[str]) -> None:
    """Compare the files named, one after the other."""
    parser = argparse.ArgumentParser(description="Agreement with llvm-symbolizer.")
    parser.add_argument("--addresses", type=int, default=20_000, help="of each set")
    for name in ("executable", "alternate", "split", "compare-with"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--arch")
    parser.add_argument("files", type=Path, nargs="+", help="executables or debug files")
    options = parser.parse_args(arguments)
    for path in options.files:
        files = NativeFiles(
            path.name, options.executable, path, options.alternate, options.split, options.arch
        )
        examine(files, options.compare_with or path, options.addresses)


if __name__ == "__main__":
    main(sys.argv[1:])
