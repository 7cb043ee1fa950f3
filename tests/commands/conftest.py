# SPDX-License-Identifier: MPL-2.0

"""A server to ask."""

from collections.abc import Iterator

import pytest
from tests.support.scripted_server import ScriptedServer


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A server that answers what the test tells it to."""
    with ScriptedServer() as server:
        yield server
