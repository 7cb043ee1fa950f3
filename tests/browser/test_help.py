# SPDX-License-Identifier: MPL-2.0

"""The help page: its commands work as they stand, and each person is told the next step."""

import json
import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.browser.accessibility import assert_accessible, assert_fits_and_is_accessible
from tests.browser.conftest import CONTACT, Visit
from tests.browser.layout import assert_no_sideways_scroll
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import TECKEN, StartedServer
from tests.support.symbol_texts import write_zip

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.sym"
KEY = "hello/5A1C3F2B9D8E47606B1FA2C4D5E6F7890/hello.sym"


def command(page: Page, label: str) -> str:
    """Return what the button beside a command copies."""
    page.get_by_role("button", name=label).click()
    expect(page.get_by_role("button", name=f"Copied: {label}")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_the_commands_work_as_they_stand(
    visit: Visit, server: StartedServer, sender_token: str, tmp_path: Path
) -> None:
    page = visit("/help")
    environment = {
        **server.environment,
        "PATH": f"{TECKEN.parent}:{server.environment['PATH']}",
        "TECKEN_TOKEN": sender_token,
    }

    def run(*program: str) -> str:
        done = subprocess.run(
            program, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    text = EXAMPLE.read_text()
    write_zip(tmp_path / "symbols.zip", {KEY: text})
    folder = tmp_path / "symbols"
    folder.mkdir()
    (folder / "hello.sym").write_text(text)

    sent = json.loads(run("bash", "-c", command(page, "upload with curl")))["upload"]
    assert sent["files"][0]["key"].startswith("v1/hello/")
    _status, answer = run("python", "-c", command(page, "upload with Python")).split(" ", 1)
    assert json.loads(answer)["upload"]["id"] > sent["id"]
    upload = command(page, "upload with tecken").replace("export TECKEN_TOKEN=…\n", "")
    assert "1 file is there already" in run("bash", "-c", upload)
    run("bash", "-c", command(page, "download with curl"))
    assert (tmp_path / "hello.sym").read_text() == text
    (tmp_path / "hello.sym").unlink()
    run("bash", "-c", command(page, "download with tecken"))
    for label in ("symbolicate with curl", "symbolicate with tecken"):
        assert "sum_of_squares" in run("bash", "-c", command(page, label))


@EMBEDDED_ONLY
def test_who_may_not_upload_is_told_where_to_ask(visit: Visit) -> None:
    page = visit("/help", "stranger")
    ask = page.get_by_role("link", name="Ask for a permission")
    expect(ask).to_have_attribute("href", CONTACT)
    assert_accessible(page)


@EMBEDDED_ONLY
def test_who_may_upload_is_led_to_the_form(visit: Visit) -> None:
    page = visit("/help", "uploader")
    expect(page.get_by_text("You may upload.")).to_be_visible()
    expect(page.get_by_role("link", name="Ask for a permission")).to_have_count(0)
    assert_accessible(page)
    page.get_by_role("main").get_by_role("link", name="Upload symbols").click()
    expect(page.get_by_role("heading", level=1, name="Upload symbols")).to_be_visible()


@EMBEDDED_ONLY
def test_it_can_be_read_by_everybody(visit: Visit) -> None:
    page = visit("/help")
    expect(page.get_by_role("heading", name="Get permission to upload")).to_be_visible()
    assert_fits_and_is_accessible(page)


@EMBEDDED_ONLY
def test_lines_for_debuggers_name_this_server(visit: Visit, server: StartedServer) -> None:
    page = visit("/help#debuggers")
    expect(page.get_by_role("heading", name="WinDbg")).to_be_visible()
    said = command(page, "gdb: In a shell or ~/.profile; elfutils and LLVM's tools read it, too:")
    assert said == f'export DEBUGINFOD_URLS="{server.url}"'
    assert f"srv*C:\\Symbols*{server.url}" in page.content()
    assert_accessible(page)
    assert_no_sideways_scroll(page)
