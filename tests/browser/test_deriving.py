# SPDX-License-Identifier: MPL-2.0

"""A large debug file whose symbols are made in the background, as its uploader sees it."""

import os
import re
import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.looks import assert_accessible, assert_no_sideways_scroll
from tests.browser.pages import PHONE
from tests.browser.people import token_of
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG, with_units
from tests.support.processes import children, workers_of
from tests.support.started_server import StartedServer, wait_until

UNITS = 40_000  # 9 MB: more than is derived before the answer


@contextmanager
def held_up(server: StartedServer) -> Iterator[None]:
    """The processes that derive symbols stand still, once it is known how much they have to read."""
    assert server.process is not None
    known = "SELECT 1 FROM upload_modulebeingderived WHERE total > 0"
    wait_until(lambda: server.rows(known) != [], "it is known")
    stopped = [worker for child in children(server.process.pid) for worker in workers_of(child)]
    for worker in stopped:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in stopped:
            os.kill(worker, signal.SIGCONT)


def test_its_progress_is_shown_and_then_what_was_made(
    visit: Visit, server: StartedServer, tmp_path: Path
) -> None:
    archive = tmp_path / "large.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("crash", PROGRAM)
        packed.writestr("crash.debug", with_units(PROGRAM_DEBUG, UNITS))
    sent = server.upload(archive, token_of(server, "sender"))
    assert sent.status_code == 201, sent.text
    with held_up(server):
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
        reason = "its symbols are being derived from a native file"
        expect(modules.get_by_text(reason)).to_be_visible()
    expect(note).to_have_count(0)
    expect(page.get_by_text("Derived symbols").first).to_be_visible()
