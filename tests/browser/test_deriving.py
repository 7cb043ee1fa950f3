# SPDX-License-Identifier: MPL-2.0

"""A large debug file whose symbols are made in the background, as its uploader sees it."""

import os
import re
import signal
import zipfile
from pathlib import Path

from playwright.sync_api import expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE, assert_no_sideways_scroll
from tests.support.deriving import stop_at_work
from tests.support.forms import EMBEDDED_ONLY
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG, with_units
from tests.support.started_server import StartedServer

UNITS = 6_000  # half a second of two processes
SIZE = 23_000_000  # more than is derived before the answer
DERIVED_MS = 240_000


@EMBEDDED_ONLY
def test_its_progress_is_shown_and_then_what_was_made(
    visit: Visit, server: StartedServer, sender_token: str, tmp_path: Path
) -> None:
    archive = tmp_path / "large.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("crash", PROGRAM)
        packed.writestr("crash.debug", with_units(PROGRAM_DEBUG, UNITS).ljust(SIZE, b"\0"))
    sent = server.upload(archive, sender_token)
    assert sent.status_code == 201, sent.text
    _, deriving = stop_at_work((server, server.data_dir))
    page = visit(f"/uploads/upload/{sent.json()['upload']['id']}", "sender")
    asked = visit(f"/symbolication#text=crash/{DEBUG_ID}%0A0x10d", "sender")
    note = page.get_by_role("note", name="Symbols are being made from native files")
    expect(note.get_by_text(re.compile(r"^\d+ % read$"))).to_be_visible()
    expect(note.get_by_role("progressbar", name="Symbols of crash")).to_be_visible()
    assert_accessible(page)
    page.set_viewport_size({"width": PHONE, "height": 800})
    assert_no_sideways_scroll(page)
    modules = asked.get_by_role("region", name="Modules")
    expect(modules.get_by_text("Pending")).to_be_visible()
    expect(modules.get_by_text("its symbols are being derived from a native file")).to_be_visible()
    for process in deriving:
        os.kill(process, signal.SIGCONT)
    expect(note).to_have_count(0, timeout=DERIVED_MS)
    expect(page.get_by_text("Derived symbols").first).to_be_visible()
