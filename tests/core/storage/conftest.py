# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""One bucket of every kind, for the contract that holds for all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tecken.core.storage.base import Bucket
from tecken.core.storage.filesystem import FolderBucket
from tecken.core.storage.memory import MemoryBucket


def _folder_bucket(tmp_path: Path) -> Bucket:
    folder = tmp_path / "symbols"
    folder.mkdir()
    return FolderBucket(folder)


def _memory_bucket(tmp_path: Path) -> Bucket:
    return MemoryBucket("symbols")


@pytest.fixture(params=[_folder_bucket, _memory_bucket], ids=["folder", "memory"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Bucket:
    make: Callable[[Path], Bucket] = request.param
    return make(tmp_path)
