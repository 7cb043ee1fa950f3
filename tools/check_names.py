# SPDX-License-Identifier: MPL-2.0

"""Name every identifier of the product with a word that has several meanings; docs/glossary.md has the right ones."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "tecken"
# What to say in place of each word.
INSTEAD = {
    "place": "location, destination, position or offset",
    "piece": "chunk, part or block",
    "trouble": "error, failure or reason",
    "packer": "process pool",
    "util": "what it does",
    "helper": "what it does",
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield what the code gives a name to, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr


def faults(path: Path) -> Iterator[str]:
    """Yield a line for each identifier, and for the module itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for line, name in [(1, path.stem), *identifiers(tree)]:
        for word in _WORD.findall(name):
            if instead := INSTEAD.get(word.lower().removesuffix("s")):
                yield f"{path}:{line}: {name}: say {instead}"


def main() -> int:
    found = [fault for path in sorted(SOURCE.rglob("*.py")) for fault in faults(path)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
