# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.jobs import execution


@pytest.fixture(autouse=True)
def _same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a task that ends keep its connection, whose transaction is the test's, as Django's test client does."""
    monkeypatch.setattr(execution, "close_old_connections", lambda: None)
