# SPDX-License-Identifier: MPL-2.0

"""What holds for all property tests."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _no_garbage_collection() -> Iterator[None]:
    # It takes a quarter of the time in which examples are made.
    gc.disable()
    yield
    gc.enable()
