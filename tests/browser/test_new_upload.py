# SPDX-License-Identifier: MPL-2.0

"""Uploading in the page: what is inside, bytes, files, and all that can go wrong."""

import gzip
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE, assert_no_sideways_scroll
from tests.browser.people import email_of, sign_in
from tests.support.forms import EMBEDDED_ONLY
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, large, write_zip

FORM = "/uploads/upload"
SLOW = (
    256 * 1024
)  # bytes a second, so that 16 MB take longer than a slow machine to look at the page

MakeZip = Callable[[str, dict[str, str]], Path]


@pytest.fixture
def make_zip(tmp_path: Path) -> MakeZip:
    return lambda name, members: write_zip(tmp_path / name, members)


def symbols(name: str) -> dict[str, str]:
    return {f"{name}.pdb/{HELLO_ID}/{name}.sym": hello(f"{name}.pdb")}


def choose(page: Page, archive: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(archive)


def upload(page: Page) -> None:
    page.get_by_role("button", name="Upload", exact=True).click()


def slow_down(page: Page) -> None:
    """Let the page send slowly, as over a network."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": SLOW})


def large_zip(path: Path, megabytes: int) -> Path:
    """Write a zip of one file that is as large as that."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"big.pdb/{megabytes:X}/big.pd_", bytes(megabytes * 1024 * 1024))
    return path


@EMBEDDED_ONLY
def test_a_zip_is_looked_into_and_uploaded(go_to: Visit, make_zip: MakeZip) -> None:
    page = go_to(FORM, "sender")
    choose(page, make_zip("new.zip", {**symbols("new"), "new-symbols.txt": "new.sym"}))
    expect(page.get_by_text(re.compile("^1 file to store, 1 ignored, "))).to_be_visible()
    assert_accessible(page)
    upload(page)
    expect(page).to_have_url(re.compile(r"/uploads/upload/\d+$"))
    expect(page.get_by_role("tab", name="Stored (1)")).to_be_visible()
    expect(page.get_by_role("tab", name="Ignored (1)")).to_be_visible()
    answer = page.request.get(f"/new.pdb/{HELLO_ID}/new.sym")
    assert answer.text() == hello("new.pdb")


@EMBEDDED_ONLY
def test_a_zip_can_be_dropped(go_to: Visit, make_zip: MakeZip) -> None:
    page = go_to(FORM, "sender")
    data = list(make_zip("dropped.zip", symbols("dropped")).read_bytes())
    dropped = page.evaluate_handle(
        """(bytes) => {
          const dropped = new DataTransfer();
          dropped.items.add(new File([new Uint8Array(bytes)], "dropped.zip"));
          return dropped;
        }""",
        data,
    )
    page.get_by_text("Drop symbols anywhere").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_role("region", name="dropped.zip", exact=True)).to_be_visible()
    expect(page.get_by_text(f"dropped.pdb/{HELLO_ID}/dropped.sym")).to_be_visible()


@EMBEDDED_ONLY
def test_what_the_server_would_refuse_is_said_before_in_its_words(
    go_to: Visit, server: StartedServer, sender_token: str, make_zip: MakeZip
) -> None:
    page = go_to(FORM, "sender")
    for members in (
        {**symbols("good"), "README.md": "x"},
        {f"a#b/{HELLO_ID}/a.sym": "x"},
        {"../a/1/b": "x"},
        {"a/1/b": "x", "A/2/b": "x", "qcom/proprietary/1": "x"},
    ):
        archive = make_zip("refused.zip", members)
        told = server.upload(archive, sender_token).json()["error"]
        choose(page, archive)
        alert = page.get_by_role("alert").filter(has_text="The server will refuse this archive")
        expect(alert.get_by_text(told, exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Upload", exact=True)).to_be_disabled()
    assert_accessible(page)
    choose(page, make_zip("fine.zip", symbols("fine")))
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Remove refused.zip").click()
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_enabled()


@EMBEDDED_ONLY
def test_what_is_no_symbol_is_not_taken(go_to: Visit, tmp_path: Path) -> None:
    page = go_to(FORM, "sender")
    for name in ("text.txt", "text.zip"):
        (tmp_path / name).write_text("text")
    upload(page)
    expect(page.get_by_text("Choose something to upload first")).to_be_visible()
    choose(page, tmp_path / "text.txt")
    expect(page.get_by_text("None of these files can be uploaded")).to_be_visible()
    choose(page, tmp_path / "text.zip")
    expect(page.get_by_text("File is not a zip file")).to_be_visible()


@EMBEDDED_ONLY
def test_a_symbol_file_of_another_module_is_told_and_left_out(
    go_to: Visit, make_zip: MakeZip
) -> None:
    page = go_to(FORM, "sender")
    wrong = {f"wrong.pdb/{HELLO_ID}/wrong.sym": hello("wrong.pdb", "1" * 33)}
    choose(page, make_zip("two.zip", {**wrong, **symbols("right")}))
    alert = page.get_by_role("alert").filter(has_text="The server will refuse this archive")
    expect(alert).to_contain_text(f"has the debug id {'1' * 33}")
    expect(page.get_by_text(f"MODULE windows x86_64 {'1' * 33} wrong.pdb")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Go on without that file").click()
    expect(page.get_by_text(re.compile("^1 file is left out"))).to_be_visible()
    upload(page)
    expect(page.get_by_role("tab", name="Stored (1)")).to_be_visible()
    assert page.request.get(f"/right.pdb/{HELLO_ID}/right.sym").text() == hello("right.pdb")


@EMBEDDED_ONLY
def test_what_only_the_contents_tell_is_refused_by_the_server(
    go_to: Visit, make_zip: MakeZip
) -> None:
    page = go_to(FORM, "sender")
    [(key, text)] = symbols("secret").items()
    choose(page, make_zip("secret.zip", {key: text + "FILE 9 qcom/proprietary/a.c\n"}))
    upload(page)
    failed = page.get_by_role("alert")
    expect(failed).to_contain_text("The server refused the archive")
    expect(failed).to_contain_text("the snippet 'qcom/proprietary' which is not allowed")
    assert_accessible(page)
    page.get_by_role("button", name="Back to the form").click()
    expect(page.get_by_role("region", name="secret.zip", exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_who_has_several_buckets_chooses(visit: Visit, make_zip: MakeZip) -> None:
    page = visit(FORM, "chooser")
    field = page.get_by_role("combobox", name="Bucket")
    expect(field).to_be_visible()
    options = field.get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_have_text("private (default)")
    other = options.last.inner_text()
    choose(page, make_zip("elsewhere.zip", symbols("elsewhere")))
    field.select_option(other)
    assert_accessible(page)
    expect(page.get_by_text(re.compile(f"^curl .* -F bucket_name={other} "))).to_be_visible()
    upload(page)
    expect(page.get_by_role("tab", name="Stored (1)")).to_be_visible()
    expect(page.get_by_text(other, exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_who_may_upload_try_symbols_only_uploads_those(visit: Visit, make_zip: MakeZip) -> None:
    page = visit(FORM, "trier")
    field = page.get_by_label("These are symbols of a try build")
    expect(field).to_be_checked()
    expect(field).to_be_disabled()
    choose(page, make_zip("only.zip", symbols("only")))
    upload(page)
    expect(page.get_by_text("Try", exact=True)).to_be_visible()
    assert page.request.get(f"/try/only.pdb/{HELLO_ID}/only.sym").ok


@EMBEDDED_ONLY
def test_a_session_that_ends_keeps_the_form(
    visit: Visit, make_zip: MakeZip, server: StartedServer
) -> None:
    page = visit(FORM, "sender")
    choose(page, make_zip("kept.zip", symbols("kept")))
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_enabled()
    page.context.clear_cookies()
    upload(page)
    failed = page.get_by_role("alert").filter(has_text="The upload was not finished")
    expect(failed).to_contain_text("Your session ended")
    notice = page.get_by_role("alert").filter(has_text="You are signed out")
    expect(notice).to_be_visible()
    sign_in(server, page.context, email_of("sender"))  # in another tab
    page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
    expect(notice).to_be_hidden()
    page.get_by_role("button", name="Back to the form").click()
    upload(page)
    expect(page.get_by_role("tab", name="Stored (1)")).to_be_visible()


@EMBEDDED_ONLY
def test_bytes_are_told_while_they_go_and_leaving_asks_first(visit: Visit, tmp_path: Path) -> None:
    page = visit(FORM, "sender", own=True)
    slow_down(page)
    choose(page, large_zip(tmp_path / "big.zip", 16))
    upload(page)
    expect(page.get_by_text(re.compile(r"^[1-9][0-9.]* [KM]B of 16\.\d MB$"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"[KM]B/s$"))).to_be_visible()
    expect(page.get_by_text(re.compile(r" left$"))).to_be_visible()
    assert_accessible(page)
    with page.expect_event("dialog") as warned:
        page.evaluate("setTimeout(() => location.reload())")
    assert warned.value.type == "beforeunload"
    warned.value.dismiss()
    page.get_by_role("link", name="Help", exact=True).click()
    asked = page.get_by_role("dialog", name="Leave this page?")
    expect(asked).to_be_visible()
    assert_accessible(page)
    asked.get_by_role("button", name="Stay").last.click()
    expect(asked).to_be_hidden()
    expect(page).to_have_url(re.compile(f"{FORM}$"))
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You have cancelled it")
    page.get_by_role("link", name="Help", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Help")).to_be_visible()


@EMBEDDED_ONLY
def test_files_are_told_while_they_are_stored(go_to: Visit, make_zip: MakeZip) -> None:
    page = go_to(FORM, "sender")
    choose(page, make_zip("many.zip", dict(large(number, 400) for number in range(1, 41))))
    expect(page.get_by_text(re.compile("^40 files to store"))).to_be_visible()
    told = page.evaluate_handle(
        """() => {
          const told = [];
          const note = () => told.push(document.querySelector("main").innerText);
          new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
          return told;
        }"""
    )
    upload(page)
    expect(page).to_have_url(re.compile(r"/uploads/upload/\d+$"))
    expect(page.get_by_role("tab", name="Stored (40)")).to_be_visible()
    texts = "\n".join(told.json_value())
    assert "The server checks the archive" in texts or "The server stores the files" in texts


@EMBEDDED_ONLY
def test_symbols_of_a_try_build_go_apart(go_to: Visit, make_zip: MakeZip) -> None:
    page = go_to(FORM, "sender")
    choose(page, make_zip("try.zip", symbols("trial")))
    page.get_by_label("These are symbols of a try build").check()
    expect(page.get_by_text(re.compile(r"^tecken upload .* --try try\.zip$"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^curl .* -F try=1 "))).to_be_visible()
    upload(page)
    expect(page.get_by_text("Try", exact=True)).to_be_visible()
    path = f"/trial.pdb/{HELLO_ID}/trial.sym"
    assert page.request.get(path).status == 404
    assert page.request.get(f"/try{path}").ok


@EMBEDDED_ONLY
def test_an_archive_is_fetched_from_a_url(go_to: Visit, make_zip: MakeZip) -> None:
    archive = make_zip("remote.zip", symbols("remote"))
    with ScriptedServer() as elsewhere:
        elsewhere.routes = {"/builds/remote.zip": Answer(200, archive.read_bytes())}
        page = go_to(FORM, "sender")
        page.get_by_text("At a URL").click()
        upload(page)
        expect(page.get_by_text("Type a URL")).to_be_visible()
        field = page.get_by_label("URL of the zip")
        field.fill(f"{elsewhere.url}/builds/gone.zip")
        upload(page)
        failed = page.get_by_role("alert")
        expect(failed).to_contain_text("can't be found (404)")
        page.get_by_role("button", name="Back to the form").click()
        page.get_by_label("URL of the zip").fill(f"{elsewhere.url}/builds/remote.zip")
        upload(page)
        expect(page.get_by_role("tab", name="Stored (1)")).to_be_visible()
        expect(page.get_by_text(f"{elsewhere.url}/builds/remote.zip")).to_be_visible()


@EMBEDDED_ONLY
def test_the_keyboard_is_enough(go_to: Visit, make_zip: MakeZip) -> None:
    page = go_to(FORM, "sender")
    archive = make_zip("keys.zip", symbols("keys"))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="choose files").press("Enter")
    chooser.value.set_files(archive)
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_enabled()
    page.get_by_label("These are symbols of a try build").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Stored (1)")).to_be_visible()


@EMBEDDED_ONLY
def test_the_form_fits_a_phone(go_to: Visit, make_zip: MakeZip) -> None:
    page = go_to(FORM, "sender", width=PHONE)
    choose(page, make_zip("phone.zip", {**symbols("phone"), "README.md": "x"}))
    expect(page.get_by_role("alert")).to_contain_text("Unrecognized file pattern")
    assert_no_sideways_scroll(page)
    assert_accessible(page)


@EMBEDDED_ONLY
def test_who_may_not_upload_is_told(visit: Visit) -> None:
    page = visit(FORM, "auditor")
    expect(page.get_by_role("heading", name="You may not see this page")).to_be_visible()


@EMBEDDED_ONLY
def test_a_folder_a_symbol_file_and_two_zips_are_uploaded(
    go_to: Visit, make_zip: MakeZip, tmp_path: Path, server: StartedServer
) -> None:
    """Each zip is an upload, and so are all others together; what the server has is not sent."""
    folder = tmp_path / "build"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "folded.sym").write_text(hello("folded.pdb"))
    (folder / "README.md").write_text("text")
    page = go_to(FORM, "sender")
    page.locator("input[type=file]").last.set_input_files(folder)
    choose(page, make_zip("one.zip", symbols("one")))
    choose(page, make_zip("other.zip", {**symbols("one"), **symbols("other")}))
    build = page.get_by_role("region", name="build.zip", exact=True)
    expect(build.get_by_text(re.compile("^1 file to store, 1 ignored"))).to_be_visible()
    expect(build.get_by_text("Neither a symbol file nor a native file")).to_be_visible()
    assert_accessible(page)
    upload(page)
    results = page.get_by_role("main").get_by_role("listitem")
    expect(page.get_by_role("heading", name="What was uploaded")).to_be_visible()
    expect(results).to_have_count(3)
    expect(results.filter(has_text="other.zip")).to_contain_text("1 file was there already.")
    assert_accessible(page)
    for name in ("folded", "one", "other"):
        assert page.request.get(f"/{name}.pdb/{HELLO_ID}/{name}.sym").text() == hello(f"{name}.pdb")
    rows = server.rows(
        "SELECT files FROM (SELECT upload_id, count(*) AS files FROM upload_fileupload WHERE key LIKE '%/other.sym'"
        " OR key LIKE '%/one.sym' GROUP BY upload_id) counted"
    )
    assert [count for (count,) in rows] == [1, 1]
    page.get_by_role("button", name="Upload more").click()
    choose(page, tmp_path / "one.zip")
    upload(page)
    expect(page.get_by_text("The server has this file already. Nothing was sent.")).to_be_visible()


@EMBEDDED_ONLY
def test_native_files_and_a_packed_symbol_file_dropped_elsewhere_are_uploaded(
    go_to: Visit, tmp_path: Path
) -> None:
    program = Path(sys.executable).resolve().read_bytes()
    text = gzip.compress(hello("packed.pdb").encode())
    page = go_to("/help", "sender")
    expect(page.get_by_role("heading", level=1, name="Help")).to_be_visible()
    (tmp_path / "a.out").write_bytes(program)
    (tmp_path / "packed.sym.gz").write_bytes(text)
    # What a test makes of files in a page cannot be large; that of a file chooser can.
    page.evaluate(
        """(bytes) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "packed.sym.gz"));
          window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
        }""",
        list(text),
    )
    expect(page).to_have_url(re.compile(f"{FORM}$"))
    choose(page, tmp_path / "a.out")
    region = page.get_by_role("region", name="symbols.zip", exact=True)
    expect(region.get_by_text(re.compile("^2 files to store"))).to_be_visible()
    upload(page)
    expect(page.get_by_role("tab", name=re.compile(r"Stored \([23]\)"))).to_be_visible()
    key = f"/packed.pdb/{HELLO_ID}/packed.sym"
    assert page.request.get(key).text() == hello("packed.pdb")


@EMBEDDED_ONLY
def test_a_crash_dropped_elsewhere_leads_to_its_stack(visit: Visit) -> None:
    page = visit("/help")
    expect(page.get_by_role("heading", level=1, name="Help")).to_be_visible()
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["#0  0x0000114e in ?? () from hello"], "crash.txt"));
          window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
        }"""
    )
    expect(page).to_have_url(re.compile("/symbolication"))
    expect(page.get_by_text("0x0000114e").first).to_be_visible()


@EMBEDDED_ONLY
def test_the_title_of_the_tab_tells_how_far_it_is(visit: Visit, tmp_path: Path) -> None:
    page = visit(FORM, "sender", own=True)
    slow_down(page)
    choose(page, large_zip(tmp_path / "titled.zip", 8))
    upload(page)
    expect(page).to_have_title(re.compile(r"^\d+ % · Upload symbols · Tecken$"))
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page).to_have_title("Upload symbols · Tecken")
