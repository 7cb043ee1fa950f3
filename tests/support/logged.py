# SPDX-License-Identifier: MPL-2.0

"""What a part of Tecken logs. A thread that another test has left may log something, too."""

import pytest


def logged_by(caplog: pytest.LogCaptureFixture, logger: str) -> list[str]:
    """Return the messages of a logger."""
    return [record.getMessage() for record in caplog.records if record.name == logger]
