# SPDX-License-Identifier: MPL-2.0

"""Which names are never asked of storage."""

import pytest
from django.conf import settings

from tecken.core.dialects.ignoring import is_ignored


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("xul.sym", False),
        ("xul.PDB", False),
        ("libc.so.6", False),
        ("libfoo.so.1.2.3", False),
        ("firefox", False),
        ("app.debug", False),
        ("logo.png", True),
        ("file.ptr", True),
        ("notes.6", True),
    ],
)
def test_names_of_what_uploads_bring_are_let_through(name: str, ignored: bool) -> None:
    assert is_ignored("ABC", name, settings.DOWNLOAD_FILE_EXTENSIONS_WHITELIST) == ignored


def test_names_without_an_ending_are_let_through_only_where_that_is_set() -> None:
    assert is_ignored("ABC", "firefox", (".sym",))
