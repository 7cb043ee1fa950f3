# SPDX-License-Identifier: MPL-2.0

"""Browser tests: Chromium and a started server, in both forms.

``visit`` opens a page as somebody; whatever the page logs as an error, asks of another host or does
against its policy fails the test.
"""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.chromium import started_chromium
from tests.browser.pages import PAGES, SIGNED_IN
from tests.browser.people import Kind, People, email_of
from tests.browser.watched_page import WatchedPage
from tests.support.forms import Form
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

Visit = Callable[..., Page]

expect.set_options(timeout=15_000)


def pytest_itemcollected(item: pytest.Item) -> None:
    if Path(__file__).parent in item.path.parents:
        item.add_marker(pytest.mark.browser)


# Not for the whole session: its event loop would be in the way of tests inside of Django.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with started_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server on which nothing has happened yet; the tests of a module share it."""
    started = StartedServer(tmp_path_factory.mktemp("browser") / "data")
    form(started)
    started.start()
    yield started
    log = started.log()
    started.stop(signal.SIGKILL)
    assert "Traceback" not in log, log


@pytest.fixture(scope="module")
def filled(server: StartedServer, tmp_path_factory: pytest.TempPathFactory) -> StartedServer:
    """The server, after an upload and one of try symbols."""
    folder = tmp_path_factory.mktemp("archives")
    token = server.token("upload_symbols", email="uploader@example.com")
    for name in ("walk", "second"):
        key = f"{name}.pdb/{HELLO_ID}/{name}.sym"
        archive = write_zip(folder / f"{name}.zip", {key: hello(f"{name}.pdb")})
        sent = server.upload(archive, token, f"{name}.zip")
        assert sent.status_code == 201, sent.text
    return server


@pytest.fixture(scope="module")
def counted(filled: StartedServer) -> None:
    """The uploads of today are counted: by the server itself, or by a worker where there is Redis."""
    worker = StartedWorker(filled)
    if "REDIS_URL" in filled.settings:
        worker.start()
    try:
        today = "SELECT date FROM upload_uploadscreated WHERE count >= 2"
        wait_until(lambda: bool(filled.rows(today)), "the day is counted")
    finally:
        worker.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def people(server: StartedServer, chromium: Browser) -> People:
    return People(server, chromium)


@pytest.fixture(scope="module")
def addresses(filled: StartedServer, people: People) -> dict[str, str]:
    """The addresses of all pages, with the numbers of an upload, a file and a user."""
    for kind in SIGNED_IN:
        people.kept(kind)
    [(user,)] = filled.rows(
        f"SELECT id FROM accounts_user WHERE email = '{email_of('uploader')}'"  # noqa: S608 - ours
    )
    [(upload,)] = filled.rows("SELECT min(id) FROM upload_upload")
    [(file,)] = filled.rows("SELECT min(id) FROM upload_fileupload")
    numbers = {"user": user, "upload": upload, "file": file}
    return {path: path.format_map(numbers) for path in PAGES}


@pytest.fixture
def visit(server: StartedServer, chromium: Browser, people: People) -> Iterator[Visit]:
    """Return a function that opens a page: ``visit("/uploads", "uploader")``."""
    watched: list[WatchedPage] = []

    def visit(path: str, kind: Kind = "nobody", width: int = 1280) -> Page:
        context = chromium.new_context(
            base_url=server.url,
            storage_state=people.kept(kind),
            viewport={"width": width, "height": 800},
            permissions=["clipboard-read", "clipboard-write"],
        )
        page = WatchedPage(context, server.url)
        watched.append(page)
        page.page.goto(path)
        return page.page

    yield visit
    troubles = [trouble for page in watched for trouble in page.close()]
    assert troubles == []
