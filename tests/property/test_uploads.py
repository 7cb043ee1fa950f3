# SPDX-License-Identifier: MPL-2.0

"""Whatever is sent as an archive is refused with our error, or what it holds is stored."""

import gzip
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from tests.upload.examples import BINARY_NAME, DEBUG_ID, NAME, TEXT, make_token, objects, zipped

from tecken.upload.models import FileUpload, Upload

MEMBERS = {NAME: TEXT, BINARY_NAME: b"MSCF" * 30, "target-symbols.txt": b"list"}
GOOD = zipped(MEMBERS)

in_one_database = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

names = st.one_of(
    st.builds(
        "{}/{}/{}".format,
        st.sampled_from(["xul.pdb", "libc so", "é.so", "日.so", ".index", "a%b"]),
        st.sampled_from([DEBUG_ID, "abc", "ABC", "HEX", ""]),
        st.sampled_from(["xul.sym", "a.SYM", "xul.pd_", "x.dbg.gz", ".DS_Store", "..", "a b"]),
    ),
    st.sampled_from(["a-symbols.txt", ".DS_Store", "a.sym", "x/y"]),
)
contents = st.sampled_from([TEXT, b"", b"MSCF", b"\0" * 100_000, b"qcom/proprietary"])


class Uploading:
    """A bucket and a client that uploads to it; each upload finds the bucket empty."""

    def __init__(self, client: Client, folder: Path, token: str) -> None:
        self.folder = folder
        self._client = client
        self._token = token

    def post(self, archive: bytes) -> HttpResponse:
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        Upload.objects.all().delete()
        form = {"file": SimpleUploadedFile("symbols.zip", archive)}
        return self._client.post("/upload/", form, headers={"Auth-Token": self._token})

    def check(self, archive: bytes) -> dict[str, bytes]:
        """Upload; return what is stored, as it was before it was, if that is what the rows say."""
        response = self.post(archive)
        if response.status_code != 201:
            assert response.status_code in {400, 413}
            assert set(response.json()) == {"error"}
            assert objects(self.folder) == {}
            assert not Upload.objects.exists()
            return {}
        stored = {
            key: gzip.decompress(data) if key.lower().endswith(".sym") else data
            for key, data in objects(self.folder).items()
        }
        assert {file["key"] for file in response.json()["upload"]["files"]} == set(stored)
        assert set(FileUpload.objects.values_list("key", flat=True)) == set(stored)
        return stored


def read_by_others(archive: bytes) -> dict[str, bytes]:
    """Read what is to be stored with the standard library."""
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        return {
            f"v1/{debug_file}/{debug_id.upper()}/{file}": opened.read(name)
            for name in opened.namelist()
            if len(name.split("/")) == 3 and not name.endswith(("/", ".DS_Store"))
            for debug_file, debug_id, file in [name.split("/")]
        }


@pytest.fixture
def uploading(client: Client, db: None, tmp_path: Path, settings: Settings) -> Uploading:
    folder = tmp_path / "symbols"
    folder.mkdir()
    settings.SYMBOL_URLS = (folder.as_uri(),)
    settings.UPLOAD_DEFAULT_URL = folder.as_uri()
    return Uploading(client, folder, make_token("upload_symbols", email="uploader@example.com"))


@in_one_database
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_stored(uploading: Uploading, data: bytes) -> None:
    assert uploading.check(data) == {}


@in_one_database
@given(st.data())
def test_a_damaged_archive_is_refused_or_stored(uploading: Uploading, data: st.DataObject) -> None:
    mutated = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(st.sampled_from([0, mutated.find(b"PK\1\2")]))
        at = data.draw(st.integers(max(0, first), len(mutated) - 1))
        mutated[at : at + 1] = data.draw(st.binary(min_size=1, max_size=1))
    # A checksum covers contents but not names.
    assert set(uploading.check(bytes(mutated)).values()) <= set(MEMBERS.values())


@in_one_database
@given(st.dictionaries(names, contents, min_size=1, max_size=4))
def test_an_archive_of_any_members_is_refused_or_stored(
    uploading: Uploading, members: dict[str, bytes]
) -> None:
    archive = zipped(members)
    stored = uploading.check(archive)
    if Upload.objects.exists():
        assert stored == read_by_others(archive)
    else:
        assert stored == {}
