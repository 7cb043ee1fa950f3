# SPDX-License-Identifier: MPL-2.0

"""Name every code file under version control that does not begin with its licence."""

import subprocess
import sys
from pathlib import Path

CODE_SUFFIXES = {".py", ".ts", ".tsx", ".js", ".css", ".html", ".sh"}
CODE_NAMES = {"Makefile", ".ci/run"}
HEADER = "SPDX-License-Identifier: MPL-2.0"
HEADER_LINES = 6  # a doctype, or a #! line and a blank one, may stand above


def is_code(name: str) -> bool:
    return name in CODE_NAMES or Path(name).suffix in CODE_SUFFIXES


def has_header(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        top = [line for line, _ in zip(file, range(HEADER_LINES), strict=False)]
    return any(HEADER in line for line in top)


def main() -> int:
    listing = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True)
    paths = [Path(name) for name in listing.stdout.split("\0") if is_code(name)]
    missing = [path for path in paths if path.exists() and not has_header(path)]
    for path in missing:
        print(f"{path}: the licence is missing: {HEADER}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
