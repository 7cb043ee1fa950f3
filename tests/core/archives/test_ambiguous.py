# SPDX-License-Identifier: MPL-2.0

"""A zip that is another archive to another reader is refused; what tools make is read.

Each archive below holds members that some reader would find, and some other one would not.
"""

import struct
from dataclasses import replace

import pytest
from tests.core.archives.made_zips import (
    FOLLOW,
    MAX,
    NAME,
    TEXT,
    UTF8,
    Member,
    descriptor,
    end_record,
    end_record64,
    extra,
    make,
    unicode_path,
    zip64,
)
from tests.support.files import NamelessFile

from tecken.core.archives.archive import open_archive
from tecken.core.archives.directory import ArchiveLimits
from tecken.core.errors import ArchiveRefusedError

LIMITS = ArchiveLimits(
    max_members=100, max_member_bytes=1 << 26, max_total_bytes=1 << 27, max_ratio=200
)
PLAIN = Member()
OTHER = Member(b"evil.pdb/ABC2/evil.sym", b"FUNC 1 1 0 evil\n")
JUNK = b"junk" * 10
NOT_SEEN = {"crc": 0, "packed": 0, "size": 0}  # before the data, by those who stream
STORED = Member(method=0)
STREAMED = Member(flags=FOLLOW, after=descriptor(PLAIN), local=NOT_SEEN)
DATA_64 = (len(TEXT), len(PLAIN.packed))
NESTED = make(OTHER)


def contents(data: bytes) -> dict[str, bytes]:
    archive = open_archive(NamelessFile(data), LIMITS)
    return {member.name: b"".join(archive.stream(member)) for member in archive.members}


def streamed_form(layout: str, *, signed: bool) -> bytes:
    member = replace(STREAMED, after=descriptor(PLAIN, layout, signed=signed))
    return make(member, replace(member, name=b"b.pdb/ABC1/b.sym"))


def stored_and_streamed(content: bytes) -> bytes:
    member = Member(data=content, method=0, flags=FOLLOW, local=NOT_SEEN)
    return make(replace(member, after=descriptor(member)))


def inner_end(before: bytes, layout: str) -> bytes:
    """Return data in which a reader that streams finds their end, and another member after it."""
    sizes = struct.pack(layout, len(before), len(before))
    return before + b"PK\7\10" + b"\0" * 4 + sizes + NESTED


def with_end64(
    *, at: int | None = None, rest: int = 44, narrow: int = MAX, count: int = 1
) -> bytes:
    plain = make(PLAIN)
    end = plain.rindex(b"PK\5\6")
    size, offset = struct.unpack_from("<2L", plain, end + 12)
    record = end_record64(count, size, offset, end if at is None else at, rest)
    return plain[:end] + record + end_record(1, size, min(offset, narrow))


ACCEPTED = {
    "plain": make(PLAIN),
    "sizes after the data, as most write them": streamed_form("<3L", signed=True),
    "sizes after the data without signature": streamed_form("<3L", signed=False),
    "wide sizes after the data": streamed_form("<L2Q", signed=True),
    "wide sizes after the data without signature": streamed_form("<L2Q", signed=False),
    "sizes before and after the data": make(replace(STREAMED, local={})),
    "sizes after stored data": stored_and_streamed(TEXT),
    "a signature within stored data": stored_and_streamed(TEXT + b"PK\7\10" * 9 + TEXT),
    "a zip within stored data": make(Member(data=NESTED, method=0)),
    "wide sizes that follow (Info-ZIP, Python)": make(
        replace(
            STREAMED,
            after=descriptor(PLAIN, "<L2Q"),
            local={**NOT_SEEN, "packed": MAX, "size": MAX, "extra": zip64(0, 0)},
        )
    ),
    "wide sizes where narrow ones do (Info-ZIP -fz)": make(
        Member(local={"packed": MAX, "size": MAX, "extra": zip64(*DATA_64)})
    ),
    "wide sizes in the directory": make(
        Member(central={"packed": MAX, "size": MAX, "extra": zip64(*DATA_64)})
    ),
    "wide sizes besides equal narrow ones": make(Member(central={"extra": zip64(*DATA_64)})),
    "a wide offset alone": make(Member(central={"offset": MAX, "extra": zip64(0)})),
    "the mark of Java": make(Member(local={"extra": extra(0xCAFE, b"")}, central={"extra": b""})),
    "times in one of two places": make(
        Member(local={"extra": extra(0x5455, b"\1" + b"\0" * 4) + extra(0x7875, b"\1\0\0")})
    ),
    "padding by less than a field (zipalign)": make(Member(extra=b"\0" * 3)),
    "padding by many zeros (zipalign)": make(Member(extra=b"\0" * 16_383)),
    "the mark of an archive that was to be split": make(PLAIN, start=b"PK\7\10"),
    "the mark of one that is not": make(PLAIN, start=b"PK00"),
    "folders": make(Member(b"xul.pdb/", b"", method=0), PLAIN),
    "a name that is said to be UTF-8 in one place, and is ASCII": make(
        Member(local={"flags": UTF8})
    ),
    "the same name in the field for UTF-8": make(Member(extra=unicode_path(NAME))),
    "an end record of zip64": with_end64(),
    "a line after the archive": make(PLAIN) + b"\n",
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_tools_make_is_read(data: bytes) -> None:
    assert contents(data)[NAME.decode()].startswith((TEXT, b"PK"))


SYM = NAME.decode()
CALLED = f"'{SYM}' is called"
OTHER_SIZES = f"'{SYM}' has other sizes or another checksum in its own header"
AFTER = f"'{SYM}' has other sizes or another checksum after its data"
NO_MEMBER = "belong to no member"

REFUSED = {
    "another name before the data": (make(Member(local={"name": OTHER.name})), CALLED),
    "another case of the name": (make(Member(local={"name": NAME.upper()})), CALLED),
    "another name in the field for UTF-8": (make(Member(extra=unicode_path(OTHER.name))), CALLED),
    "another name in the field for UTF-8 before the data": (
        make(Member(local={"extra": unicode_path(OTHER.name)})),
        CALLED,
    ),
    "a name that is UTF-8 in one place only": (
        make(Member("日/ABC/x".encode(), central={"flags": UTF8})),
        "'日/ABC/x' is called 'µùÑ/ABC/x' in its own header",
    ),
    "two names in fields for UTF-8": (
        make(Member(extra=unicode_path(NAME) + unicode_path(OTHER.name))),
        f"'{SYM}' has an extra field twice",
    ),
    "a name with NUL": (make(Member(NAME + b"\0.exe")), r"has a NUL in its name"),
    "another method before the data": (
        make(Member(local={"method": 0})),
        f"'{SYM}' is compressed by another method in its own header",
    ),
    "encrypted by the header alone": (make(Member(local={"flags": 1})), f"'{SYM}' is encrypted"),
    "encrypted by the directory alone": (
        make(Member(central={"flags": 1})),
        f"'{SYM}' is encrypted",
    ),
    "another size before the data": (make(Member(local={"size": 1})), OTHER_SIZES),
    "another packed size before the data": (make(Member(local={"packed": 1})), OTHER_SIZES),
    "another checksum before the data": (make(Member(local={"crc": 1})), OTHER_SIZES),
    "no sizes anywhere before the data, and none after": (
        make(Member(local=NOT_SEEN)),
        OTHER_SIZES,
    ),
    "another size before the data than after": (
        make(replace(STREAMED, local={**NOT_SEEN, "size": 1})),
        OTHER_SIZES,
    ),
    "a descriptor that lies": (
        make(replace(STREAMED, after=descriptor(OTHER), local={})),
        AFTER,
    ),
    "a descriptor that is missing": (make(replace(STREAMED, after=b"")), AFTER),
    "a descriptor that nothing tells of": (
        make(Member(after=descriptor(PLAIN))),
        r"16 bytes before its directory that belong to no member",
    ),
    "wide sizes that contradict": (
        make(Member(central={"packed": MAX, "size": MAX, "extra": zip64(1, 1)})),
        OTHER_SIZES,
    ),
    "wide sizes besides other narrow ones": (
        make(Member(central={"extra": zip64(1, 1)})),
        f"'{SYM}' has two sizes that contradict each other",
    ),
    "wide sizes besides other narrow ones before the data": (
        make(Member(local={"extra": zip64(1, 1)})),
        f"'{SYM}' has two sizes that contradict each other",
    ),
    "wide sizes twice": (
        make(Member(extra=zip64(*DATA_64) + zip64(1, 1))),
        f"'{SYM}' has an extra field twice",
    ),
    "wide sizes that are not there": (make(Member(local={"size": MAX})), f"'{SYM}' has no sizes"),
    "an extra field that is too long": (
        make(Member(extra=b"\1\0\xff\0")),
        f"'{SYM}' has a damaged extra field",
    ),
    "very many extra fields": (
        make(Member(extra=extra(7, b"") * 16_000)),
        f"'{SYM}' has more than 64 extra fields",
    ),
    "data that end before the member does": (
        make(Member(packed_data=PLAIN.packed + make(OTHER))),
        f"'{SYM}' is damaged: its data end too early",
    ),
    "an end within stored data": (
        stored_and_streamed(inner_end(TEXT, "<2L")),
        f"'{SYM}' seems to end in its middle",
    ),
    "a wide end within stored data": (
        stored_and_streamed(inner_end(TEXT * 1000, "<2Q")),
        f"'{SYM}' seems to end in its middle",
    ),
    "an end at the beginning of stored data": (
        stored_and_streamed(inner_end(b"", "<2L")),
        f"'{SYM}' seems to end in its middle",
    ),
    "a member within a member": (
        make(Member(data=NESTED, method=0), Member(OTHER.name, OTHER.data, central={"offset": 50})),
        f"'{OTHER.name.decode()}' overlaps another member",
    ),
    "a member of which the directory does not tell": (
        make(PLAIN, replace(STORED, before=NESTED[: NESTED.index(b"PK\1\2")])),
        NO_MEMBER,
    ),
    "a member before all others": (make(PLAIN, start=NESTED[: NESTED.index(b"PK\1\2")]), NO_MEMBER),
    "a member after all others": (make(PLAIN, gap=NESTED[: NESTED.index(b"PK\1\2")]), NO_MEMBER),
    "a program before the archive, counted": (make(PLAIN, start=b"MZ" + JUNK), NO_MEMBER),
    "a program before the archive, not counted": (b"MZ" + JUNK + make(PLAIN), NO_MEMBER),
    "an archive after another": (make(OTHER) + make(PLAIN), NO_MEMBER),
    "an archive in the comment of another": (
        make(PLAIN, comment=len(NESTED)) + NESTED,
        NO_MEMBER,
    ),
    "an end record in the comment": (
        make(PLAIN, comment=22) + end_record(1, 1000, 1000),
        "has several ends",
    ),
    "a signature of an end in the comment": (
        make(PLAIN, comment=10) + b"by PK\5\6 me",
        "has several ends",
    ),
    "packed data beyond the archive": (
        make(Member(local={"packed": 10_000}, central={"packed": 10_000})),
        f"'{SYM}' overlaps the directory",
    ),
    "packed data up to the directory's middle": (
        make(Member(local={"packed": 400}, central={"packed": 400})),
        f"'{SYM}' overlaps the directory",
    ),
    "an entry on another disk": (make(Member(central={"disk": 1})), "not a zip file"),
    "fewer entries than there are": (make(PLAIN, OTHER, count=1), "not a zip file"),
    "more entries than there are": (make(PLAIN, count=2), "not a zip file"),
    "ends that contradict each other": (with_end64(count=2), "two ends that contradict"),
    "ends that have other places": (with_end64(narrow=1), "two ends that contradict"),
    "an end of zip64 at another place": (with_end64(at=0), "not a zip file"),
    "an end of zip64 of another size": (with_end64(rest=45), "not a zip file"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_readers_may_read_otherwise_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ArchiveRefusedError, match=message):
        contents(data)


def test_data_that_are_full_of_ends_are_refused_soon() -> None:
    member = Member(data=b"PK\7\10" * 4_000_000, method=0, flags=FOLLOW, local=NOT_SEEN)
    archive = open_archive(NamelessFile(make(replace(member, after=descriptor(member)))), LIMITS)
    with pytest.raises(ArchiveRefusedError, match="seems to end in its middle"):
        next(archive.stream(archive.members[0]))


def test_signatures_everywhere_are_no_ends() -> None:
    data = b"PK\7\10 and not more" * 10_000
    assert contents(stored_and_streamed(data)) == {SYM: data}
