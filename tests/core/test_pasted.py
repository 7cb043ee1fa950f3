# SPDX-License-Identifier: MPL-2.0

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tecken.core.dialects.pasted import NOTHING, Pasted, read_pasted

GUID = "44E4EC8C2F41492B9369D6B9A059577C"
ID = f"{GUID}2"
DASHED = "44e4ec8c-2f41-492b-9369-d6b9a059577c"
BUILD_ID = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"
PARTS = [
    "guid:",
    "uuid=",
    "age",
    "ff00",
    " ",
    ",",
    "/",
    "\n",
    "%00",
    "try",
    "t",
    "x",
    "http://",
    ID,
    DASHED,
]
XUL = Pasted("xul.pdb", ID, is_pair=True)


@pytest.mark.parametrize(
    ("text", "pasted"),
    [
        (ID, Pasted(some_id=ID)),
        (f" {ID.lower()}\n", Pasted(some_id=ID)),
        (DASHED, Pasted(some_id=GUID)),
        (f"{{{DASHED}}}", Pasted(some_id=GUID)),
        (f"{DASHED}-2", Pasted(some_id=ID)),
        (f"{{{DASHED.upper()}}}, 2", Pasted(some_id=ID)),
        (f"GUID: {{{DASHED}}} Age: 2", Pasted(some_id=ID)),
        (f"{GUID} 2", Pasted(some_id=ID)),
        (BUILD_ID, Pasted(some_id=BUILD_ID.upper())),
        (f"BuildId: {BUILD_ID}", Pasted(some_id=BUILD_ID.upper())),
        (f"BuildID[sha1]={BUILD_ID}", Pasted(some_id=BUILD_ID.upper())),
        ("2B3F1C5A-8E9D-6047-6B1F-A2C4D5E6F789-01234567", Pasted(some_id=BUILD_ID.upper())),
        ("5cf2591c6859000", Pasted("5cf2591c6859000", "5CF2591C6859000")),
        ("cafe", Pasted("cafe", "CAFE")),
        ("abc", Pasted("abc")),
        ("libxul.so", Pasted("libxul.so")),
        ("My Game.pdb", Pasted("My Game.pdb")),
        (f"xul.pdb/{ID}", XUL),
        (f"xul.pdb/{ID}/xul.sym", XUL),
        (f"xul.pdb/{ID.lower()}/", XUL),
        (f"xul.pdb {ID}", XUL),
        (f"{ID} xul.pdb", XUL),
        (f"xul.pdb,{ID}", XUL),
        (f"My Game.pdb {ID}", Pasted("My Game.pdb", ID, is_pair=True)),
        ("xul.pdb/44E4", Pasted("xul.pdb", "44E4", is_pair=True)),
        ("xul.dll 5CF2591C6859000", Pasted("xul.dll", "5CF2591C6859000", is_pair=True)),
        (f"MODULE windows x86_64 {ID} xul.pdb", XUL),
        (f"MODULE Linux x86_64 {ID} my lib.so\nFILE 0", Pasted("my lib.so", ID, is_pair=True)),
        (f"https://symbols.example.com/xul.pdb/{ID}/xul.sym?x=y", XUL),
        (f"https://example.com/symbols/xul.pdb/{ID}/xul.pd_", XUL),
        (f"/firefox/xul.pdb/{ID}/xul.sym", XUL),
        (f"/t/secret-token/xul.pdb/{ID}/xul.sym", XUL),
        (f"/try/xul.pdb/{ID}/xul.sym", Pasted("xul.pdb", ID, is_pair=True, with_try=True)),
        (f"https://a/xul.pdb/{ID}/xul.sym?try", Pasted("xul.pdb", ID, True, with_try=True)),
        (f"https://a/buildid/{BUILD_ID}/debuginfo", Pasted(some_id=BUILD_ID.upper())),
        (f"/unified/2b/{BUILD_ID[2:]}/breakpad", Pasted(some_id=BUILD_ID.upper())),
        ("https://example.com/a/my%20lib.so", Pasted("my lib.so")),
        ("", NOTHING),
        ("https://example.com/", NOTHING),
        ("http://[/a", Pasted("http://[/a")),
        ("/try", NOTHING),
        ("https://example.com/try/firefox/", NOTHING),
        ("/xul%00.pdb", NOTHING),
        (f"https://a/xul%00.pdb/{ID}/xul.sym", NOTHING),
        ("foo abcguid:1234", Pasted("foo", "ABC1234", is_pair=True)),
        ("x" * 3000, NOTHING),
    ],
)
def test_each_form_is_understood(text: str, pasted: Pasted) -> None:
    assert read_pasted(text) == pasted


def test_a_whole_id_stands_for_the_debug_ids_it_may_be() -> None:
    assert read_pasted(ID).debug_ids == (ID,)
    assert read_pasted(GUID).debug_ids[:2] == (GUID, f"{GUID}0")
    assert "5A1C3F2B9D8E47606B1FA2C4D5E6F7890" in read_pasted(BUILD_ID).debug_ids
    assert read_pasted("44E4EC").debug_ids == ()


@settings(max_examples=50)
@given(st.text() | st.text("0123abcDEF-/{} ,:") | st.lists(st.sampled_from(PARTS)).map("".join))
def test_any_text_is_understood_somehow(text: str) -> None:
    pasted = read_pasted(text)
    assert not pasted.some_id or set(pasted.some_id) <= set("0123456789ABCDEF")
    assert isinstance(pasted.debug_ids, tuple)
    assert "\0" not in pasted.name or "\0" in text
