# SPDX-License-Identifier: MPL-2.0

"""The symbolication page: everything it takes, what it shows, and what can be taken from it."""

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import CDPSession, Page, expect
from tests.browser.accessibility import assert_accessible, assert_fits_and_is_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import assert_no_sideways_scroll
from tests.browser.pages import wait_until_shown
from tests.support.forms import EMBEDDED_ONLY
from tests.support.minidumps import DumpModule, DumpThread, write_minidump
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, write_zip

pytestmark = pytest.mark.usefixtures("filled", "long_names")

LONG_ID = "AB12CD34AB12CD34AB12CD34AB12CD340"
LONG_NAME = (
    "std::vector<std::basic_string<char, std::char_traits<char>, std::allocator<char>>>"
    "::push_back(std::basic_string<char, std::char_traits<char>, std::allocator<char>>&&)"
)
LONG_TEXT = f"""MODULE Linux x86_64 {LONG_ID} longnames
FILE 0 hg:hg.mozilla.org/mozilla-central:toolkit/xre/nsAppRunner.cpp:04bd259c3e8d
FUNC 1000 40 0 {LONG_NAME}
1000 40 4811 0
"""
REQUEST = json.dumps({"memoryMap": [["walk.pdb", HELLO_ID]], "stacks": [[[0, 0x1012], [0, 9]]]})
LINES = f"walk.pdb/{HELLO_ID}\n0x1012\n9\n"
CRASH = f"""It went wrong in
0 walk.dll + 0x1012
1 0x10009 walk.dll
walk.dll -> walk.pdb {HELLO_ID} 0x10000
"""
FORMS = {
    "a v5 request": json.dumps({"jobs": [json.loads(REQUEST)]}),
    "a v4 request": REQUEST.replace("{", '{"version": 4, ', 1),
    "modules and offsets": LINES,
    "a crash": CRASH,
}


@pytest.fixture(scope="session")
def long_names(
    server: StartedServer, sender_token: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Symbols of a function with a long name, in a file of a repository."""
    archive = tmp_path_factory.mktemp("long") / "long.zip"
    write_zip(archive, {f"longnames/{LONG_ID}/longnames.sym": LONG_TEXT})
    assert server.upload(archive, sender_token, "long.zip").status_code == 201


def symbolicate(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Stacks and modules").fill(text)
    page.get_by_role("button", name="Symbolicate").click()
    expect(page.get_by_text("Answered in")).to_be_visible()
    wait_until_shown(page)  # it may be the answer to what was asked before


def expect_frames(page: Page, *frames: str) -> None:
    """The text of each frame of the first stack, inlined calls included."""
    found = page.get_by_role("region", name="Stack", exact=True).first
    expect(found.locator("> div > ol > li")).to_have_text(frames, use_inner_text=True)


def copied(page: Page, button: str) -> str:
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("button", name=f"Copied: {button}")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


@EMBEDDED_ONLY
@pytest.mark.parametrize("form_of_input", FORMS)
def test_every_form_gives_the_same_stack(go_to: Visit, form_of_input: str) -> None:
    page = go_to("/symbolication")
    symbolicate(page, FORMS[form_of_input])
    expect_frames(
        page,
        "0 main main.cc:12 walk.pdb 0.1 greet(char const*) greet.h:3 inlined",
        "1 walk.pdb + 0x9",
    )
    inlined = page.get_by_role("list", name="Inlined into frame 0, innermost first")
    expect(inlined.get_by_role("listitem")).to_have_count(1)


@EMBEDDED_ONLY
def test_it_says_how_much_has_names_and_what_was_not_read(go_to: Visit) -> None:
    page = go_to("/symbolication")
    button = page.get_by_role("button", name="Symbolicate")
    expect(button).to_be_disabled()
    module = f"walk.pdb {HELLO_ID} 0x10000"
    symbolicate(page, f"{module}\n#0  0x11012 in ?? ()\n#1  0x1zz in ?? ()\n#2  0x5 in own ()\n")
    said = page.get_by_role("main").get_by_role("status")
    expect(said).to_contain_text("1 of 2 frames named · 1 named by the text")
    unread = page.get_by_role("region", name="Lines that were not read")
    expect(unread).to_contain_text("line 3: it begins like a frame (gdb)")
    assert_accessible(page)


@EMBEDDED_ONLY
def test_an_example_fills_the_field(go_to: Visit) -> None:
    page = go_to("/symbolication")
    for name in ("Request", "Modules and offsets", "Tombstone", "Minidump", "gdb"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("button", name="Symbolicate")).to_be_enabled()
        symbolicate(page, page.get_by_role("textbox", name="Stacks and modules").input_value())
        # Another test may have uploaded its symbols.
        without = page.get_by_role("region", name="Modules without symbols").filter(
            has_text="hello"
        )
        expect(
            without.or_(page.get_by_text(re.compile(r"\bhello(\.pdb|\.exe)?\b"))).first
        ).to_be_visible()


@EMBEDDED_ONLY
def test_files_may_be_dropped(go_to: Visit) -> None:
    page = go_to("/symbolication")
    transfer = page.evaluate_handle(
        """(texts) => {
          const transfer = new DataTransfer();
          for (const text of texts) transfer.items.add(new File([text], "input.txt"));
          return transfer;
        }""",
        ["0 walk.dll + 0x1012", f"walk.dll -> walk.pdb {HELLO_ID}"],
    )
    page.get_by_role("textbox", name="Stacks and modules").dispatch_event(
        "drop", {"dataTransfer": transfer}
    )
    page.get_by_role("button", name="Symbolicate").click()
    expect(page.get_by_text("main", exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_a_file_may_be_chosen(go_to: Visit, tmp_path: Path) -> None:
    crash = tmp_path / "crash.txt"
    crash.write_text(CRASH)
    page = go_to("/symbolication")
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose files").click()
    chosen.value.set_files(crash)
    expect(page.get_by_role("textbox", name="Stacks and modules")).to_have_value(CRASH)
    crash.write_bytes(b"\x00")
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose files").click()
    chosen.value.set_files(crash)
    expect(page.get_by_text("This is no text file")).to_be_visible()


@EMBEDDED_ONLY
def test_a_minidump_may_be_dropped(go_to: Visit) -> None:
    page = go_to("/symbolication")
    symbolicate(page, LINES)
    walk = DumpModule("walk.pdb", HELLO_ID, 0x400000, 0x10000)
    dump = write_minidump([walk], [DumpThread(walk.base + 0x1012, bytes(64))])
    transfer = page.evaluate_handle(
        """(bytes) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "crash.dmp"));
          return transfer;
        }""",
        list(dump),
    )
    field = page.get_by_role("textbox", name="Stacks and modules")
    field.dispatch_event("drop", {"dataTransfer": transfer})
    said = page.get_by_role("main").get_by_role("status")
    expect(said).to_contain_text("1 frame named")
    expect(page.get_by_text("Read as minidump-stackwalk.")).to_be_visible()
    expect_frames(page, "0 main main.cc:12 walk.pdb 0.1 greet(char const*) greet.h:3 inlined")
    expect(page.get_by_text("Minidump: crash.dmp (")).to_be_visible()
    expect(field).to_have_value("")
    assert urlsplit(page.url).fragment == ""
    expect(page.get_by_role("button", name="Copy a link")).to_have_count(0)
    assert "--data-binary '@crash.dmp'" in copied(page, "Copy as curl")
    assert_fits_and_is_accessible(page)
    assert " 0  walk.pdb + 0x1012  main at /src/main.cc:12" in copied(page, "Copy as text")


@EMBEDDED_ONLY
def test_what_is_wrong_with_a_minidump_is_told(go_to: Visit, tmp_path: Path) -> None:
    page = go_to("/symbolication")
    broken = tmp_path / "broken.dmp"
    broken.write_bytes(b"MDMP" + bytes(10))
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose files").click()
    chosen.value.set_files(broken)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The minidump is damaged: its header has 14 of 32 bytes")
    assert_accessible(page)


@EMBEDDED_ONLY
def test_a_missing_module_has_its_reason_and_ids_like_it(go_to: Visit) -> None:
    other = HELLO_ID[:-1] + "2"
    asked = f"walk.pdb/{other} 0x1012\n"
    page = go_to("/symbolication", "stranger")
    symbolicate(page, asked)
    modules = page.get_by_role("region", name="Modules without symbols")
    missing = modules.get_by_role("listitem").filter(has_text="walk.pdb")
    expect(missing).to_contain_text("Missing")
    expect(missing).to_contain_text("no source has a symbol file of this module")
    missing.get_by_text("1 other id of this name is here").click()
    expect(missing.get_by_text(HELLO_ID, exact=True)).to_be_visible()
    assert_accessible(page)
    # Which ids there are is told to people of this server alone.
    page = go_to("/symbolication")
    symbolicate(page, asked)
    expect(page.get_by_text("no source has a symbol file of this module")).to_be_visible()
    expect(page.get_by_text("other id")).to_have_count(0)


@EMBEDDED_ONLY
def test_a_name_without_an_id_is_offered_the_ids_that_there_are(go_to: Visit) -> None:
    page = go_to("/symbolication", "stranger")
    symbolicate(page, " 0  walk.pdb + 0x1012\n")
    modules = page.get_by_role("region", name="Modules without symbols")
    expect(modules).to_contain_text("its id is not known")
    modules.get_by_text("1 other id of this name is here").click()
    modules.get_by_role("button", name=f"Use the id {HELLO_ID}").click()
    expect(page.get_by_text("main", exact=True)).to_be_visible()
    symbolicate(page, " 0  walk.pdb + 0x1012\n")
    page.get_by_role("checkbox", name="Take the newest symbols").check()
    page.get_by_role("button", name="Symbolicate").click()
    expect(modules).to_contain_text("assumed: the newest of this name")


@EMBEDDED_ONLY
def test_a_module_that_was_found_tells_where_it_is(go_to: Visit) -> None:
    page = go_to("/symbolication")
    symbolicate(page, LINES)
    found = page.get_by_role("region", name="Modules", exact=True)
    found.get_by_text("1 module with symbols").click()
    found.get_by_text("Where").click()
    expect(found).to_contain_text(re.compile(r"In \S+, \d+ B: "))
    link = found.get_by_role("link", name=f"walk.pdb/{HELLO_ID}/walk.sym")
    expect(link).to_have_attribute("href", re.compile(f"/walk.pdb/{HELLO_ID}/walk.sym$"))


@EMBEDDED_ONLY
def test_a_file_of_a_repository_is_a_link(go_to: Visit) -> None:
    page = go_to("/symbolication")
    symbolicate(page, f"longnames/{LONG_ID} 0x1004")
    link = page.get_by_role("link", name="nsAppRunner.cpp:4811")
    expect(link).to_have_attribute(
        "href",
        "https://hg.mozilla.org/mozilla-central/file/04bd259c3e8d/toolkit/xre/nsAppRunner.cpp#l4811",
    )


@EMBEDDED_ONLY
def test_a_long_name_is_folded_until_it_is_clicked(go_to: Visit) -> None:
    page = go_to("/symbolication")
    symbolicate(page, f"longnames/{LONG_ID} 0x1004")
    expect(
        page.get_by_text("std::vector\u2039…\u203a::push_back(std::basic_string\u2039…\u203a&&)")
    ).to_be_visible()
    chip = page.get_by_role("button", name=f"Show the whole name: {LONG_NAME}")
    expect(chip).to_have_attribute("aria-expanded", "false")
    chip.press("Enter")
    expect(page.get_by_text(LONG_NAME)).to_be_visible()
    page.get_by_role("button", name="Shorten this name").click()
    expect(chip).to_be_visible()


@EMBEDDED_ONLY
def test_what_is_copied_is_what_the_command_line_has(
    go_to: Visit, server: StartedServer, tmp_path: Path
) -> None:
    page = go_to("/symbolication")
    symbolicate(page, CRASH)
    crash = tmp_path / "crash.txt"
    crash.write_text(CRASH)
    printed = server.command("symbolicate", "--url", server.url, str(crash))
    assert copied(page, "Copy as text") == printed.stdout
    answer = json.loads(copied(page, "Copy as JSON"))
    curl = copied(page, "Copy as curl")
    ran = subprocess.run(["/bin/bash", "-c", curl], capture_output=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == answer


@EMBEDDED_ONLY
def test_a_link_brings_the_input_back_and_no_server_sees_it(
    visit: Visit, server: StartedServer
) -> None:
    page = visit("/symbolication")
    symbolicate(page, CRASH)
    link = copied(page, "Copy a link")
    requested: list[str] = []
    other = visit("/help")
    other.on("request", lambda request: requested.append(request.url))
    other.goto(link)
    expect(other.get_by_role("textbox", name="Stacks and modules")).to_have_value(CRASH)
    expect(other.get_by_text("main", exact=True)).to_be_visible()
    fragment = urlsplit(link).fragment
    assert fragment.startswith("z=")
    assert not any(fragment in url.partition("#")[0] for url in requested)
    page.reload()
    expect(page.get_by_text("main", exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_frames_that_are_selected_are_copied_whole(go_to: Visit) -> None:
    page = go_to("/symbolication")
    symbolicate(page, FORMS["a crash"])
    page.get_by_role("region", name="Stack", exact=True).locator("ol").first.select_text()
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == (
        "  0  main at /src/main.cc:12  [walk.pdb + 0x1012]\n"
        "     0.1  greet(char const*) at /src/greet.h:3\n"
        "  1  walk.pdb + 0x9\n"
    )


@EMBEDDED_ONLY
def test_a_link_may_be_written_by_hand(visit: Visit) -> None:
    page = visit(f"/symbolication#text=walk.pdb/{HELLO_ID}%200x1012")
    expect(page.get_by_text("main", exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_a_damaged_link_is_told(visit: Visit) -> None:
    page = visit("/symbolication#z=AAAA")
    expect(page.get_by_role("alert")).to_contain_text("There is no answer")
    assert_accessible(page)


@EMBEDDED_ONLY
def test_it_is_used_with_the_keyboard_alone(go_to: Visit) -> None:
    page = go_to("/symbolication")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_role("textbox", name="Stacks and modules")).to_be_focused()
    page.keyboard.insert_text(LINES)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("main", exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_stacks_can_be_read_by_everybody(go_to: Visit) -> None:
    page = go_to("/symbolication")
    assert_fits_and_is_accessible(page)
    symbolicate(page, f"{CRASH}longnames {LONG_ID}\n0 longnames + 0x1004\n9 gone.so + 0x1\n")
    assert_fits_and_is_accessible(page)


FRAMES = 5000
# A page that stands, all frames in it.
_DRAWN = """
() => new Promise((resolve) => {
  const look = () => {
    const frames = document.querySelectorAll("section[aria-label=Stack] > div > ol > li").length;
    if (frames >= %d) requestAnimationFrame(() => setTimeout(resolve, 0));
    else requestAnimationFrame(look);
  };
  look();
})
"""
# What the browser alone takes for it, where nothing is selected.
_COPIED = """
() => {
  window.getSelection().removeAllRanges();
  const frames = document.querySelector("section[aria-label=Stack] > div > ol");
  frames.replaceWith(frames.cloneNode(true));
  document.body.getBoundingClientRect();
}
"""


@EMBEDDED_ONLY
def test_thousands_of_frames_are_drawn_at_once_and_none_is_left_out(visit: Visit) -> None:
    page = visit("/symbolication", own=True)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    text = f"walk.pdb/{HELLO_ID}\n" + "0x1012\n" * FRAMES
    # Pasted, with the caret behind it: Chromium has done more for each frame then.
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.get_by_role("textbox", name="Stacks and modules").focus()
    page.keyboard.press("ControlOrMeta+V")
    measured = page.context.new_cdp_session(page)
    measured.send("Performance.enable", {"timeDomain": "threadTicks"})
    with page.expect_response("**/symbolicate/text*") as answered:
        page.get_by_role("button", name="Symbolicate").click()
    answered.value.finished()
    before = _busy_seconds(measured)
    page.evaluate(_DRAWN % FRAMES)
    drawn = _busy_seconds(measured)
    page.evaluate(_COPIED)
    # Twice as long as the browser alone, and four to seven times where the caret counts.
    assert drawn - before < 3 * (_busy_seconds(measured) - drawn)
    assert page.get_by_text("main", exact=True).count() == FRAMES


def _busy_seconds(measured: CDPSession) -> float:
    """How long the page's main thread has been busy, without what it waited for a processor."""
    metrics = measured.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "TaskDuration")


@EMBEDDED_ONLY
def test_a_hundred_threads_are_a_hundred_lines(go_to: Visit) -> None:
    page = go_to("/symbolication")
    threads = "".join(
        f"\nThread {number} (LWP {number}):\n" + "#0  0x11012 in ?? ()\n#1  0x11012 in ?? ()\n"
        for number in range(1, 101)
    )
    symbolicate(page, f"walk.pdb {HELLO_ID} 0x10000\n{threads}")
    others = page.get_by_role("region", name="Other threads")
    expect(others.locator("> ul > li")).to_have_count(99)
    assert page.evaluate("document.documentElement.scrollHeight") < 5000
    line = others.get_by_role("group").first
    line.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(line.get_by_text("main", exact=True).first).to_be_visible()
    assert_accessible(page)


@EMBEDDED_ONLY
def test_one_line_a_frame_wrapped_or_scrolled(go_to: Visit) -> None:
    page = go_to("/symbolication", width=1440)
    deep = f"{'deep/' * 40}file.cc"
    symbolicate(page, f"{CRASH}2 longnames + 0x1004\n3 {deep} + 0x10\nlongnames {LONG_ID}\n")
    stack = page.get_by_role("region", name="Stack", exact=True)
    first = stack.locator("ol > li > div").first
    box = first.bounding_box()
    assert box is not None
    assert box["height"] < 34
    # The switch itself is hidden under its picture.
    page.get_by_text("Wrap long lines").click()
    scrolled = page.get_by_role("group", name="Stack, scrolled sideways").first
    heights = scrolled.locator("ol > li > div").evaluate_all(
        "(calls) => calls.map((call) => call.getBoundingClientRect().height)"
    )
    assert max(heights) < 34
    assert_accessible(page)
    assert_no_sideways_scroll(page)
