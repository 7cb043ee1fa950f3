# SPDX-License-Identifier: MPL-2.0

"""Each URL that a file is said to have asks for that file."""

from urllib.parse import unquote

import pytest
from tests.core.dialects.test_requests import asked_for
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    GUID,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_FULL,
    macho,
    pdb,
    pe,
    portable_pdb,
)
from tests.support.source_bundles import source_bundle

from tecken.core.dialects.file_urls import FileOfModule, module_urls, urls_of
from tecken.core.dialects.keys import keys_of
from tecken.core.dialects.requests import Wanted
from tecken.core.identifiers import NativeKey
from tecken.core.native.content import Content
from tecken.core.native.identify import identify
from tecken.core.storage.aliases import alias_keys

BUNDLE = source_bundle({"/a.c": b"a"}, debug_id=DEBUG_ID, code_id=BUILD_ID)


def identified(data: bytes, name: str):
    [found] = identify(Content(data, 0, len(data), "the file"), name)
    return found


def urls_for(data: bytes, name: str) -> dict[str, str]:
    found = identified(data, name)
    names = (found.debug_file, found.debug_id, found.code_file, found.code_id)
    urls = urls_of(FileOfModule(found.kind, found.role, *names, found.has))
    return {f"{url.dialect}{number}": url.path for number, url in enumerate(urls)}


@pytest.mark.parametrize(
    ("data", "name", "count"),
    [
        (PROGRAM, "crash", 4),
        (PROGRAM_DEBUG, "crash.debug", 4),
        (PROGRAM_FULL, "a b", 5),
        (pe(), "xul.dll", 2),
        (pdb(), "xul.pdb", 2),
        (portable_pdb(), "managed.pdb", 2),
        (macho(), "sample", 3),
        (BUNDLE, "crash.src.zip", 2),
    ],
)
def test_every_url_of_a_file_leads_to_its_key_or_an_alias(
    data: bytes, name: str, count: int
) -> None:
    found = identified(data, name)
    key = NativeKey.of_id(found.native_id, found.role)
    keys = {str(key), *map(str, alias_keys(key, [found]))}
    urls = urls_for(data, name)
    assert len(urls) == count
    for path in urls.values():
        asked = asked_for(path.replace("…", "a.c"))
        assert asked is not None, path
        if asked.wanted is Wanted.DEBUGINFO and found.role == "executable":
            continue  # of a program that nobody has stripped
        assert keys & set(map(str, keys_of(asked))), path


def test_urls_are_as_clients_send_them() -> None:
    assert urls_for(pe(), "xul.dll")["symsrv0"] == "/xul.dll/5CF2591C12000/xul.dll"
    assert urls_for(pdb(), "xul.pdb")["symsrv0"] == f"/xul.pdb/{GUID.hex.upper()}2/xul.pdb"
    assert unquote(urls_for(PROGRAM_FULL, "a b")["ssqp2"]).startswith("/a b/elf-buildid-")
    assert "/lldb/44E4/EC8C/2F41/492B/9369/D6B9A059577C.app" in urls_for(macho(), "s").values()


def test_other_files_have_none() -> None:
    assert urls_of(FileOfModule("other", "", "xul.pdb", "44E4", "", "")) == []
    assert urls_of(FileOfModule("", "", "xul.pdb", "44E4", "", "")) == []


def test_a_module_links_to_its_native_files() -> None:
    linux = module_urls("Linux", DEBUG_ID, BUILD_ID.upper())
    assert linux["debuginfo"] == f"/buildid/{BUILD_ID}/debuginfo"
    windows = module_urls("windows", f"{GUID.hex.upper()}2", "5CF2591C12000")
    assert windows["executable"] == f"/unified/44/{GUID.hex[2:]}2/executable"
    assert module_urls("mac", f"{GUID.hex}0", GUID.hex)["debuginfo"].startswith("/unified/44/")
    assert module_urls("Linux", DEBUG_ID, "") == {}
