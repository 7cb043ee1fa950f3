# SPDX-License-Identifier: MPL-2.0

"""The settings as another process would read them from the environment of this moment."""

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

import tecken.settings


def run_settings(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the modules of the settings anew; those that Django has stay as they are."""
    for name in [name for name in sys.modules if name.startswith("tecken.settings.")]:
        monkeypatch.delitem(sys.modules, name)
        monkeypatch.delattr(tecken.settings, name.rpartition(".")[2])
    return runpy.run_path(str(Path(tecken.settings.__file__)))
