# SPDX-License-Identifier: MPL-2.0

"""Faults of the page reach a real HTTP server that stands for Sentry, when one is set."""

from pathlib import Path

from playwright.sync_api import Browser, expect
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.started_server import StartedServer


def test_a_fault_of_the_page_is_told(chromium: Browser, tmp_path: Path) -> None:
    with ScriptedServer() as sentry:
        sentry.routes["/api/1/envelope/"] = Answer(200, b"{}", {"Access-Control-Allow-Origin": "*"})
        dsn = sentry.url.replace("http://", "http://key@") + "/1"
        server = StartedServer(tmp_path / "data", {"SENTRY_PUBLIC_DSN": dsn})
        server.start()
        try:
            page = chromium.new_page()
            with page.expect_response("**/assets/*"):
                page.goto(server.url)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.wait_for_load_state("networkidle")
            assert not sentry.received, "visits are not told"
            with page.expect_response(f"{sentry.url}/**"):
                page.evaluate("setTimeout(() => { throw new Error('a fault of the page'); })")
            page.close()
        finally:
            server.stop()
        [told] = [one.body.decode() for one in sentry.received if one.method == "POST"]
        assert "a fault of the page" in told
        assert "tecken@" in told
