# SPDX-License-Identifier: MPL-2.0

"""How fast symbols are derived from debug information, beside others that read all of it.

``python -m benchmarks.derivation [--rounds N] DEBUG_FILE ...``

In turns, each as a process of its own, in processor time:

- ours: the text of a symbol file, with names, files, lines and inlined calls;
- ``symbolic``: a symcache of the same file, which is the nearest that others make (it is not right everywhere);
- ``llvm-dwarfdump``: the text of the debug information and of the line tables, thrown away.

Megabytes are those of the debug sections, inflated.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.agreement_native import debug_bytes
from benchmarks.harness import MEGABYTE, take_turns
from tecken.core.native.model import NativeFiles
from tecken.core.native.opened import OpenedFiles

_OURS = """
import sys
from pathlib import Path
from tecken.core.native.derive import derive
from tecken.core.native.model import NativeFiles
derive(NativeFiles("module", debug=Path(sys.argv[1])), Path(sys.argv[2]))
"""
_SYMBOLIC = """
import sys
from symbolic.debuginfo import Archive
[file] = Archive.open(sys.argv[1]).iter_objects()
with open(sys.argv[2], "wb") as output:
    file.make_symcache().dump_into(output)
"""


def processor_seconds(command: Sequence[str | Path]) -> float:
    """Run a command; return its processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(path: Path, rounds: int, dump: str) -> None:
    """Measure one file, and print its figures."""
    with tempfile.TemporaryDirectory() as folder:
        inflated, output = Path(folder, "inflated"), Path(folder, "output")
        inflated.mkdir()
        opened = OpenedFiles(NativeFiles("module", debug=path, inflated=inflated))
        size = sum(debug_bytes(found) for found in opened.objects)
        commands = {
            "ours": [sys.executable, "-c", _OURS, path, output],
            "symbolic": [sys.executable, "-c", _SYMBOLIC, path, output],
            "llvm-dwarfdump": [dump, "--debug-info", "--debug-line", path],
        }
        ways = [lambda command=command: processor_seconds(command) for command in commands.values()]
        seconds = take_turns(ways, rounds)
    print(f"{path.name}: {size / MEGABYTE:.0f} MB of debug sections")
    for name, took in zip(commands, seconds, strict=True):
        ratio = took / seconds[0]
        print(f"  {name:15} {took:8.1f} s {size / MEGABYTE / took:8.1f} MB/s {ratio:8.2f} x ours")


def main() -> None:
    """Measure each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dump", default=os.environ.get("LLVM_DWARFDUMP", "llvm-dwarfdump-19"))
    given = parser.parse_args()
    for path in given.files:
        measure(path, given.rounds, given.dump)


if __name__ == "__main__":
    main()
