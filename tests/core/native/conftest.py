# SPDX-License-Identifier: MPL-2.0

import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs of ``files.zip``, which ``make_files.py`` makes."""
    folder = tmp_path_factory.mktemp("native")
    with zipfile.ZipFile(Path(__file__).parent / "files.zip") as archive:
        archive.extractall(folder)
    return folder
