# SPDX-License-Identifier: MPL-2.0

"""Other files of builds than symbol files: stored byte for byte, the large ones too."""

import random
import zipfile
from pathlib import Path

import pytest
from tests.support.started_server import StartedServer

LARGE = "libbig.so/0123456789ABCDEF/libbig.so"  # of more than one part of an S3 upload
LARGE_BYTES = 20_000_000


@pytest.fixture
def token(server: StartedServer) -> str:
    return server.token("upload_symbols")


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.real_data
def test_real_artefacts_are_stored_as_they_are_and_skipped_the_next_time(
    server: StartedServer, token: str, real_data: Path, tmp_path: Path
) -> None:
    folder = real_data / "binaries"
    files = [path for path in folder.rglob("*") if path.is_file()]
    members = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    assert {name.rpartition(".")[2] for name in members} >= {"pd_", "ex_", "dl_", "gz", "bz2"}
    members[LARGE] = random.Random(1).randbytes(LARGE_BYTES)
    archive = zip_of(tmp_path / "artefacts.zip", members)

    files_of = server.upload(archive, token).json()["upload"]["files"]
    assert {file["key"]: file["size"] for file in files_of} == {
        f"v1/{name}": len(data) for name, data in members.items()
    }
    assert not any(file["compressed"] or file["update"] for file in files_of)
    for name, data in members.items():
        assert server.objects.read(f"v1/{name}") == data

    again = server.upload(archive, token).json()["upload"]
    assert again["files"] == []
    assert sorted(again["skipped_keys"]) == sorted(members)


def test_a_large_file_with_one_other_byte_replaces_the_old(
    server: StartedServer, token: str, tmp_path: Path
) -> None:
    name = LARGE.replace("0123", "4567")
    data = bytearray(random.Random(2).randbytes(LARGE_BYTES))
    server.upload(zip_of(tmp_path / "one.zip", {name: bytes(data)}), token)
    data[LARGE_BYTES // 2] ^= 1
    answer = server.upload(zip_of(tmp_path / "two.zip", {name: bytes(data)}), token).json()
    assert [file["update"] for file in answer["upload"]["files"]] == [True]
    assert server.objects.read(f"v1/{name}") == bytes(data)
