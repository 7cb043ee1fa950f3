# SPDX-License-Identifier: MPL-2.0

import struct
import threading
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from tests.support.files import NamelessFile

from tecken.core.archives.archive import Archive, open_archive
from tecken.core.archives.directory import ArchiveLimits
from tecken.core.errors import ArchiveRefusedError, LimitExceededError

LIMITS = ArchiveLimits(
    max_members=100, max_member_bytes=1 << 26, max_total_bytes=1 << 27, max_ratio=200
)
NAME = "xul.pdb/ABC1/xul.sym"


def make_zip(
    *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data, compress_type=method)
    return buffer.getvalue()


def open_bytes(data: bytes, limits: ArchiveLimits = LIMITS) -> Archive:
    return open_archive(NamelessFile(data), limits)


def contents(data: bytes) -> dict[str, bytes]:
    archive = open_bytes(data)
    return {member.name: b"".join(archive.stream(member)) for member in archive.members}


def patched(data: bytes, signature: bytes, offset: int, layout: str, value: int) -> bytes:
    """Change one field of the first record that has a signature."""
    changed = bytearray(data)
    struct.pack_into(layout, changed, data.index(signature) + offset, value)
    return bytes(changed)


def patched_both(data: bytes, local: int, central: int, layout: str, value: int) -> bytes:
    """Change one field of the first member, where it is and in the directory."""
    changed = patched(data, b"PK\3\4", local, layout, value)
    return patched(changed, b"PK\1\2", central, layout, value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read_back(method: int) -> None:
    members = {"a/ABC/a": b"", "b/ABC/b": b"x" * 3_000_000, "c/ABC/c": bytes(range(256)) * 4000}
    assert contents(make_zip(*members.items(), method=method)) == members


def test_entries_of_folders_are_left_out() -> None:
    data = make_zip(("xul.pdb/", b""), ("xul.pdb/ABC1/", b""), (NAME, b"MODULE"))
    assert contents(data) == {NAME: b"MODULE"}


def test_an_archive_without_members_is_read() -> None:
    assert contents(make_zip()) == {}


def test_a_comment_and_bytes_after_the_archive_are_allowed() -> None:
    buffer = BytesIO(make_zip((NAME, b"MODULE")))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"made by PK\5 hand" * 1000
    assert contents(buffer.getvalue()) == {NAME: b"MODULE"}
    assert contents(make_zip((NAME, b"MODULE")) + b"\n") == {NAME: b"MODULE"}


def test_sizes_of_zip64_are_read() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open(NAME, "w", force_zip64=True) as file:
        file.write(b"MODULE")
    with_end64 = with_zip64_end(zip64_entry(buffer.getvalue()))
    with zipfile.ZipFile(BytesIO(with_end64)) as archive:
        assert archive.read(NAME) == b"MODULE"
    assert contents(with_end64) == {NAME: b"MODULE"}


def zip64_entry(data: bytes) -> bytes:
    """Move the sizes and the offset of the only member of a zip to a zip64 extra field."""
    entry, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    compressed, size = struct.unpack_from("<2L", data, entry + 20)
    extra = struct.pack("<2H3Q", 1, 24, size, compressed, 0)
    changed = bytearray(data[:end])
    struct.pack_into("<2L", changed, entry + 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", changed, entry + 30, len(extra) + 4)
    struct.pack_into("<L", changed, entry + 42, 0xFFFFFFFF)
    end_record = bytearray(data[end:])
    struct.pack_into("<L", end_record, 12, end - entry + len(extra) + 4)
    other_field = struct.pack("<2H", 0x5455, 0)
    return bytes(changed) + other_field + extra + bytes(end_record)


def with_zip64_end(data: bytes) -> bytes:
    """Give a zip of one member the zip64 end record, and nothing in the old one."""
    end = data.index(b"PK\5\6")
    size, offset = struct.unpack_from("<2L", data, end + 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    old = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    return data[:end] + record + locator + old


def test_sizes_after_the_data_are_fine() -> None:
    class Unseekable(BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

        def seek(self, *_: int) -> int:
            raise OSError

    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, b"MODULE" * 100)
    assert contents(buffer.getvalue()) == {NAME: b"MODULE" * 100}


def test_names_are_utf_8_where_the_archive_says_so_and_code_page_437_else() -> None:
    data = make_zip(("日本/ABC/x", b""))
    assert list(contents(data)) == ["日本/ABC/x"]
    old = make_zip(("aa/ABC/x", b"")).replace(b"aa/ABC", b"\xcd\xcd/ABC")
    assert list(contents(old)) == ["══/ABC/x"]


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"no zip, whatever its name", b"PK\5\6" + b"\xff" * 18, b"PK\5\6" + b"\0" * 17,
     b"\0" * 100_000],
)  # fmt: skip
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveRefusedError, match=r"^File is not a zip file$"):
        open_bytes(data)


def test_every_truncation_is_refused() -> None:
    data = make_zip((NAME, b"MODULE" * 50), ("b/ABC/b", b"text"))
    for length in range(len(data)):
        with pytest.raises(ArchiveRefusedError):
            contents(data[:length])


def test_a_wrong_checksum_is_refused_after_the_last_byte() -> None:
    data = patched_both(make_zip((NAME, b"MODULE")), 14, 16, "<L", 0)
    with pytest.raises(ArchiveRefusedError, match=r"xul\.sym' is damaged"):
        contents(data)


def test_damaged_data_is_refused() -> None:
    data = bytearray(make_zip((NAME, bytes(range(256)) * 40)))
    data[60:80] = b"\xff" * 20
    with pytest.raises(ArchiveRefusedError, match="is damaged"):
        contents(bytes(data))


def test_a_member_without_its_header_is_refused() -> None:
    data = make_zip((NAME, b"MODULE")).replace(b"PK\3\4", b"PK\3\3")
    with pytest.raises(ArchiveRefusedError, match="has no header"):
        contents(data)


def test_a_member_larger_than_it_claims_is_refused_at_once() -> None:
    data = patched_both(make_zip((NAME, b"x" * 10_000_000)), 22, 24, "<L", 600_000)
    archive = open_bytes(data)
    chunks = archive.stream(archive.members[0])
    assert len(next(chunks)) <= 600_000
    with pytest.raises(ArchiveRefusedError, match="larger than it claims"):
        next(chunks)


def test_a_member_smaller_than_it_claims_is_refused() -> None:
    data = patched_both(make_zip((NAME, b"x" * 1000)), 22, 24, "<L", 1001)
    with pytest.raises(ArchiveRefusedError, match="wrong size"):
        contents(data)


def test_a_stored_member_with_two_sizes_is_refused() -> None:
    data = make_zip((NAME, b"x" * 1000), method=zipfile.ZIP_STORED)
    with pytest.raises(ArchiveRefusedError, match="two sizes"):
        open_bytes(patched_both(data, 22, 24, "<L", 1001))


def test_an_encrypted_member_is_refused() -> None:
    data = patched_both(make_zip((NAME, b"MODULE")), 6, 8, "<H", 1)
    with pytest.raises(ArchiveRefusedError, match=r"xul\.sym' is encrypted"):
        open_bytes(data)


def test_a_symbolic_link_is_refused() -> None:
    link = zipfile.ZipInfo(NAME)
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    with pytest.raises(ArchiveRefusedError, match=r"xul\.sym' is a symbolic link"):
        open_bytes(make_zip((link, b"/etc/passwd")))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_than_deflate_are_refused_by_number(method: int) -> None:
    with pytest.raises(ArchiveRefusedError, match=rf"xul\.sym' is compressed by method {method}"):
        open_bytes(make_zip((NAME, b"MODULE"), method=method))


def test_a_name_that_is_not_utf_8_although_the_archive_says_so_is_refused() -> None:
    data = make_zip(("日/ABC/x", b"")).replace("日".encode(), b"\xff\xff\xff")
    with pytest.raises(ArchiveRefusedError, match="not UTF-8"):
        open_bytes(data)


def test_an_endless_name_is_refused() -> None:
    with pytest.raises(ArchiveRefusedError, match="more than 1024 bytes"):
        open_bytes(make_zip(("x" * 1025, b"")))


def test_members_that_share_bytes_are_refused() -> None:
    data = make_zip((NAME, b"x" * 1000), ("b/ABC/b", b"y" * 1000))
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    changed = bytearray(data)
    struct.pack_into("<L", changed, second + 42, 0)
    with pytest.raises(ArchiveRefusedError, match="overlaps"):
        open_bytes(bytes(changed))


def test_more_members_than_allowed_are_refused_before_they_are_read() -> None:
    data = make_zip(*[(f"a/{n}/b", b"") for n in range(101)])
    damaged = data.replace(b"PK\1\2", b"????")
    with pytest.raises(LimitExceededError, match="has 101 members, and 100 are allowed"):
        open_bytes(damaged)


def test_more_entries_than_the_archive_claims_are_refused() -> None:
    data = patched(make_zip((NAME, b""), ("b/ABC/b", b"")), b"PK\5\6", 8, "<L", 0x0001_0001)
    with pytest.raises(ArchiveRefusedError, match=r"^File is not a zip file$"):
        open_bytes(data)


def test_a_member_over_the_limit_is_refused() -> None:
    limits = ArchiveLimits(100, max_member_bytes=999, max_total_bytes=10_000, max_ratio=200)
    with pytest.raises(LimitExceededError, match=r"xul\.sym' has 1000 bytes, and 999 are allowed"):
        open_bytes(make_zip((NAME, b"x" * 1000)), limits)


def test_members_over_the_limit_together_are_refused() -> None:
    limits = ArchiveLimits(100, max_member_bytes=1000, max_total_bytes=1999, max_ratio=200)
    data = make_zip((NAME, b"x" * 1000), ("b/ABC/b", b"y" * 1000))
    with pytest.raises(LimitExceededError, match="2000 bytes, and 1999 are allowed"):
        open_bytes(data, limits)


def test_a_ratio_over_the_limit_is_refused_for_large_members_only() -> None:
    small = (NAME, b"x" * (16 << 20))
    assert len(open_bytes(make_zip(small)).members) == 1
    with pytest.raises(LimitExceededError, match="more than 200 times"):
        open_bytes(make_zip((NAME, b"x" * ((16 << 20) + 1))))


def test_a_chunk_is_small_however_much_the_archive_inflates() -> None:
    archive = open_bytes(make_zip((NAME, b"x" * (16 << 20))))
    assert max(map(len, archive.stream(archive.members[0]))) <= 1 << 20


def test_several_threads_stream_members_of_one_file() -> None:
    members = {f"a/{n}/b": bytes([n]) * 1_000_000 + bytes(range(256)) * 1000 for n in range(8)}
    archive = open_bytes(make_zip(*members.items()))
    together = threading.Barrier(4)

    def read(number: int) -> bytes:
        if number < 4:
            together.wait()
        return b"".join(archive.stream(archive.members[number]))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(8))) == list(members.values())


def test_a_deflate_stream_that_inflates_to_nothing_ends() -> None:
    empty = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    data = make_zip((NAME, b""))
    assert empty in data
    assert contents(data) == {NAME: b""}


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["sample", "sample-with-ignorable-files", "invalid-characters"])
def test_real_archives_are_read_as_the_standard_library_reads_them(
    real_data: Path, name: str
) -> None:
    path = real_data / "archives" / f"{name}.zip"
    with zipfile.ZipFile(path) as archive:
        expected = {n: archive.read(n) for n in archive.namelist() if not n.endswith("/")}
    assert contents(path.read_bytes()) == expected


@pytest.mark.real_data
def test_a_text_that_is_called_zip_is_refused(real_data: Path) -> None:
    path = real_data / "archives" / "notazipdespiteitsname.zip"
    with path.open("rb") as file, pytest.raises(ArchiveRefusedError, match="not a zip"):
        open_archive(file, LIMITS)
