# SPDX-License-Identifier: MPL-2.0

"""A server to ask."""

from collections.abc import Iterator

import pytest
from tests.support.scripted_server import ScriptedServer

from tecken.commands import django


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A server that answers what the test tells it to."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def _is_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    # A command would ask again whether the tests' database is, which takes longer than most commands.
    monkeypatch.setattr(django, "migrate", lambda: None)
