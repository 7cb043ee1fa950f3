# SPDX-License-Identifier: MPL-2.0

"""Every direct dependency has its reason in docs/dependencies.md."""

import json
import re
import tomllib
from itertools import chain
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def _python_dependencies() -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (REPOSITORY / "requirements" / "dev.in").read_text(encoding="utf-8").splitlines()
    extras = chain.from_iterable(project["optional-dependencies"].values())
    every = chain(project["dependencies"], extras, lines)
    names = [re.match(r"[A-Za-z0-9_-]+", line) for line in every]
    return {name[0] for name in names if name and not name[0].startswith("-")}


def _frontend_dependencies() -> set[str]:
    package = json.loads((REPOSITORY / "frontend" / "package.json").read_text(encoding="utf-8"))
    return {*package["dependencies"], *package["devDependencies"]}


def test_every_dependency_has_its_reason() -> None:
    text = (REPOSITORY / "docs" / "dependencies.md").read_text(encoding="utf-8")
    packages = {
        name.split()[0]
        for cell in re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
        for name in cell.split(", ")
    }
    assert packages - {"package", "---"} == _python_dependencies() | _frontend_dependencies()
