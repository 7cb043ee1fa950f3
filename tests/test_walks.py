# SPDX-License-Identifier: MPL-2.0

"""The walks of docs/architecture.md: what they name is there, and none is long."""

import re
from importlib import import_module
from pathlib import Path

import pytest

_MOST = 12
_DOCUMENT = Path(__file__).parents[1] / "docs" / "architecture.md"
_SECTION = _DOCUMENT.read_text(encoding="utf-8").partition("\n## Walks\n")[2].partition("\n## ")[0]
_WALKS = re.findall(r"\*\*`(.+?)`\*\*.*?```\n(.*?)```", _SECTION, re.DOTALL)


@pytest.mark.parametrize(("name", "walk"), _WALKS, ids=[name for name, _ in _WALKS])
def test_a_walk_is_short_and_names_what_is_there(name: str, walk: str) -> None:
    steps = [line.split()[:2] for line in walk.splitlines()]
    modules = [module for module, _ in steps]
    assert len(modules) == len(set(modules)) <= _MOST
    for module, begins_at in steps:
        assert hasattr(import_module(f"tecken.{module}"), begins_at), f"{name}: {module}"


def test_symbolication_of_both_kinds_an_upload_and_a_download_are_drawn() -> None:
    assert len(_WALKS) == 4
