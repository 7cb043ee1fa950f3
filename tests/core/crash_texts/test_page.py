# SPDX-License-Identifier: MPL-2.0

import os
from pathlib import Path

from tecken.core.crash_texts.page import crash_texts_page

PAGE = Path(__file__).parents[3] / "docs" / "crash-texts.md"


def test_the_page_of_formats_is_what_the_modules_say() -> None:
    text = crash_texts_page()
    if os.environ.get("TECKEN_WRITE_PAGES"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "TECKEN_WRITE_PAGES=1 writes it"
