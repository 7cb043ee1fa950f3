# SPDX-License-Identifier: MPL-2.0

"""What symsrv, dotnet-symbol and crash processors ask a store of Microsoft's form, of SSQP's, and Sentry's for."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.download.conftest import Store
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    GUID,
    PROGRAM,
    PROGRAM_DEBUG,
    compiled,
    macho,
    pdb,
    pe,
    portable_pdb,
)
from tests.upload.examples import make_token, zipped

from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.native.content import Content as NativeContent
from tecken.core.native.identify import identify
from tecken.core.storage.base import Content
from tecken.upload.aliases import drop_aliases
from tecken.upload.models import FileUpload
from tecken.web.sources import upload_source

pytestmark = pytest.mark.both_forms

PDB_ID = f"{GUID.hex.upper()}2"
PE_ID = "5CF2591C12000"
PADDED = BUILD_ID.upper()


@pytest.fixture
def uploaded(client: Client, store: Store, db: None) -> Store:
    """A store that has one native file of each kind, from an archive of no layout."""
    members = {
        "bin/xul.dll": pe(),
        "pdb/xul.pdb": pdb(),
        "app/managed.pdb": portable_pdb(),
        "linux/crash": PROGRAM,
        "linux/crash.debug": PROGRAM_DEBUG,
        "mac/sample": macho(),
    }
    token = make_token("upload_symbols", email="uploader@example.com")
    file = SimpleUploadedFile("symbols.zip", zipped(members))
    sent = client.post("/upload/", {"symbols.zip": file}, headers={"Auth-Token": token})
    assert sent.status_code == 201, sent.content
    return store


def statuses(client: Client, *paths: str) -> list[int]:
    return [client.get(path).status_code for path in paths]


@pytest.mark.parametrize(
    ("url", "data"),
    [
        (f"/xul.pdb/{PDB_ID}/xul.pdb", pdb()),
        (f"/xul.pdb/{PDB_ID.lower()}/xul.pdb", pdb()),
        (f"/XUL.PDB/{PDB_ID}/XUL.PDB", pdb()),
        (f"/xul.dll/{PE_ID}/xul.dll", pe()),
        (f"/xul.dll/{PE_ID.lower()}/xul.dll", pe()),
        (f"/managed.pdb/{GUID.hex}ffffffff/managed.pdb", portable_pdb()),
        (f"/crash/elf-buildid-{BUILD_ID}/crash", PROGRAM),
        (f"/_.debug/elf-buildid-sym-{PADDED}/_.debug", PROGRAM_DEBUG),
        (f"/sample/mach-uuid-{GUID.hex}/sample", macho()),
        (f"/unified/{PDB_ID[:2]}/{PDB_ID[2:].lower()}/debuginfo", pdb()),
        (f"/unified/{PDB_ID[:2]}/{PDB_ID[2:].lower()}/executable", pe()),
        (f"/unified/{BUILD_ID[:2]}/{BUILD_ID[2:]}/debuginfo", PROGRAM_DEBUG),
        (f"/crash/{DEBUG_ID}/crash", PROGRAM),
        (f"/crash/{DEBUG_ID}/crash.debug", PROGRAM_DEBUG),
        (f"/crash/{BUILD_ID}/crash.debug", PROGRAM_DEBUG),
        (f"/sample/{GUID.hex}0/sample", macho()),
        (f"/gdb/{BUILD_ID[:2]}/{BUILD_ID[2:]}.debug", PROGRAM_DEBUG),
        (f"/gdb/{BUILD_ID[:2]}/{BUILD_ID[2:]}", PROGRAM),
        ("/lldb/44E4/EC8C/2F41/492B/9369/D6B9A059577C.app", macho()),
    ],
)
def test_a_native_file_is_found_however_it_is_asked_for(
    client: Client, uploaded: Store, url: str, data: bytes
) -> None:
    response = client.get(url)
    assert response.status_code == 200, response
    assert b"".join(response) == data
    assert "Content-Encoding" not in response
    assert client.head(url)["Content-Length"] == str(len(data))


def test_a_symbol_file_is_found_by_the_id_of_its_module(client: Client, uploaded: Store) -> None:
    for url in (
        f"/unified/{BUILD_ID[:2]}/{BUILD_ID[2:]}/breakpad",
        f"/unified/{DEBUG_ID[:2]}/{DEBUG_ID[2:]}/breakpad",
    ):
        response = client.get(url)
        assert response.status_code == 200
        assert b"".join(response).startswith(b"MODULE Linux x86_64 " + DEBUG_ID.encode())
    assert client.get(f"/unified/{GUID.hex[:2]}/{GUID.hex[2:]}9/breakpad").status_code == 404


def test_files_that_lie_at_symbol_keys_are_found_by_their_ids(
    client: Client, store: Store, db: None
) -> None:
    members = {f"Xul.pdb/{PDB_ID}/Xul.pdb": pdb(), f"crash/{DEBUG_ID}/crash": PROGRAM}
    token = make_token("upload_symbols", email="uploader@example.com")
    file = SimpleUploadedFile("symbols.zip", zipped(members))
    sent = client.post("/upload/", {"symbols.zip": file}, headers={"Auth-Token": token})
    assert sent.status_code == 201, sent.content
    # dotnet-symbol asks in lower case.
    assert b"".join(client.get(f"/xul.pdb/{PDB_ID.lower()}/xul.pdb")) == pdb()
    assert b"".join(client.get(f"/buildid/{BUILD_ID}/executable")) == PROGRAM


def test_each_slice_of_a_fat_dsym_is_found_by_its_own_uuid(
    client: Client, store: Store, db: None
) -> None:
    dsym = compiled("mac")
    token = make_token("upload_symbols", email="uploader@example.com")
    file = SimpleUploadedFile("symbols.zip", zipped({"sample.dSYM/mac": dsym}))
    sent = client.post("/upload/", {"symbols.zip": file}, headers={"Auth-Token": token})
    assert sent.status_code == 201, sent.content
    uuids = [
        found.code_id for found in identify(NativeContent(dsym, 0, len(dsym), "the file"), "mac")
    ]
    assert len(set(uuids)) == 2
    for uuid in uuids:
        for url in (
            f"/_.dwarf/mach-uuid-sym-{uuid}/_.dwarf",
            f"/unified/{uuid[:2]}/{uuid[2:]}/debuginfo",
        ):
            assert b"".join(client.get(url)) == dsym


@pytest.mark.django_db
def upload_packed(client: Client, *names: str) -> None:
    token = make_token("upload_symbols", email="uploader@example.com")
    file = SimpleUploadedFile("symbols.zip", zipped(dict.fromkeys(names, b"MSCF")))
    sent = client.post("/upload/", {"symbols.zip": file}, headers={"Auth-Token": token})
    assert sent.status_code == 201, sent.content


@pytest.mark.parametrize(
    "stored",
    [
        f"Xul.PDB/{PDB_ID}/Xul.PD_",
        f"XUL.pdb/{PDB_ID}/xul.pd_",
        f"xul.dll/{PE_ID}/XUL.DL_",
        f"xul.pdb/{PDB_ID}/xul.pd_",
    ],
)
def test_packed_files_are_found_in_any_case(
    client: Client, store: Store, db: None, stored: str
) -> None:
    upload_packed(client, stored)
    for path in (stored, stored.lower(), stored.upper(), stored.title()):
        assert client.get(f"/{path}").getvalue() == b"MSCF", path
    assert client.get(f"/{stored.replace('ul.', 'ul2.')}").status_code == 404


def test_the_alias_of_a_packed_file_goes_with_it_and_comes_back(
    client: Client, store: Store, db: None
) -> None:
    stored = f"Xul.PDB/{PDB_ID}/Xul.PD_"
    upload_packed(client, stored)
    source = upload_source(try_symbols=False)
    [alias] = [each.key for each in source.bucket.list() if "/names/" in each.key]
    source.bucket.delete(alias)  # as before there were any
    upload_packed(client, stored)
    assert client.get(f"/{stored.lower()}").status_code == 200
    source.bucket.delete(source.object_key(SymbolKey.parse(stored)))
    drop_aliases(source, FileUpload.objects.all())
    assert client.get(f"/{stored.lower()}").status_code == 404
    assert [each.key for each in source.bucket.list() if ".native" in each.key] == []


def test_symsrv_asks_for_the_name_and_then_for_what_is_packed(client: Client, store: Store) -> None:
    """As symsrv does it: the name, the name with its last character replaced, and ``file.ptr``."""
    sequence = [f"/xul.pdb/{PDB_ID}/{name}" for name in ("xul.pdb", "xul.pd_", "file.ptr")]
    assert statuses(client, "/index2.txt", "/pingme.txt") == [404, 404]
    packed = SymbolKey.of_parts("xul.pdb", PDB_ID, "xul.pd_")
    store.first.bucket.put(store.first.object_key(packed), b"MSCF", Content())
    assert statuses(client, *sequence) == [404, 200, 404]


@pytest.mark.django_db
def test_dotnet_symbol_tries_every_key_it_knows(client: Client, store: Store) -> None:
    """Its server is switched off by anything but 200, 302, 404, and what is tried again."""
    sha1 = "497b72f6390a44fc878e5a2d63b6cc4b0c2d9984"
    assert (
        statuses(
            client,
            "/system.dll/5cf2591c12000/system.dll",
            f"/managed.pdb/{GUID.hex}ffffffff/managed.pdb",
            f"/libcoreclr.so/elf-buildid-{BUILD_ID}/libcoreclr.so",
            f"/_.debug/elf-buildid-sym-{BUILD_ID}/_.debug",
            f"/libmscordaccore.so/elf-buildid-coreclr-{BUILD_ID}/libmscordaccore.so",
            f"/_.dwarf/mach-uuid-sym-{GUID.hex}/_.dwarf",
            f"/program.cs/sha1-{sha1}/program.cs",
        )
        == [404] * 7
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "/a%5Cb.dll/ABC/a%5Cb.dll",
        "/%00/ABC/%00",
        "/%FF.pdb/ABC/%FF.pdb",
        "/é.pdb/ABC/é.pdb",
        f"/{'a' * 10_000}/ABC/{'a' * 10_000}",
        f"/a.pdb/{'A' * 10_000}/a.pdb",
        "/../ABC/..",
        "/.native/ABC/.native",
        "/xul.pdb/ABC/xul.pdb?code_file=%00",
        f"/%3Ca%3E/elf-buildid-{BUILD_ID}/%3Ca%3E",
        f"/nt/ntdll.pdb/{PDB_ID}/ntdll.pdb",
        "/000Admin/",
        "/000Admin/lastid.txt",
        f"/unified/../{BUILD_ID}/debuginfo",
        "/gdb/c6/..%2f..%2fetc%2fpasswd",
    ],
)
def test_hostile_names_are_not_found_and_nothing_else(
    client: Client, store: Store, url: str
) -> None:
    assert client.get(url).status_code == 404
    assert client.head(url).status_code == 404
    assert client.post(url).status_code == 404


def test_names_of_any_ending_are_looked_for(client: Client, store: Store, settings) -> None:
    settings.DOWNLOAD_FILE_EXTENSIONS_WHITELIST = (".sym",)
    key = SymbolKey.of_parts("widget.ocx", PE_ID, "widget.ocx")
    store.first.bucket.put(store.first.object_key(key), b"MZ", Content())
    assert client.get(f"/{key}").status_code == 200
    assert client.get(f"/widget.ocx/{PE_ID}/widget.png").content.endswith(b"(and ignored)")


def test_an_age_in_decimal_is_understood(client: Client, store: Store) -> None:
    key = NativeKey.of_id(f"{GUID.hex}1f", "debuginfo")
    store.first.bucket.put(store.first.object_key(key), b"pdb", Content())
    assert client.get(f"/xul.pdb/{GUID.hex.upper()}31/xul.pdb").status_code == 200


def test_a_miss_asks_no_database(client: Client, store: Store, settings) -> None:
    settings.ENABLE_STORE_MISSING_SYMBOLS = False
    assert (
        statuses(
            client,
            f"/xul.pdb/{PDB_ID}/xul.pdb",
            f"/xul.pdb/{PDB_ID}/xul.pd_",
            f"/crash/elf-buildid-{BUILD_ID}/crash",
            f"/unified/{BUILD_ID[:2]}/{BUILD_ID[2:]}/debuginfo",
        )
        == [404] * 4
    )
