# SPDX-License-Identifier: MPL-2.0

"""Any bytes are an archive or are refused; good archives read as ``zipfile`` reads them."""

import re
import zipfile
from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.files import NamelessFile

from tecken.core.archives.archive import open_archive
from tecken.core.archives.directory import ArchiveLimits
from tecken.core.archives.layout import lay_out, symbol_key_of
from tecken.core.errors import ArchiveRefusedError, LimitExceededError

LIMITS = ArchiveLimits(50, max_member_bytes=100_000, max_total_bytes=200_000, max_ratio=200)

part = st.text(st.sampled_from("abAB01.-_ +%é日/\\"), max_size=6)
names = st.one_of(
    st.tuples(part, st.text("0123456789abcdefABCDEFg", max_size=5), part).map("/".join),
    st.builds("{}-symbols.txt".format, part),
    st.builds("{}/.DS_Store".format, part),
    st.text(max_size=10).filter(lambda name: "\0" not in name and name.isprintable()),
)
members = st.dictionaries(
    names.filter(bool),
    st.tuples(
        st.binary(max_size=2000) | st.builds(lambda n: b"ab" * n, st.integers(0, 20_000)),
        st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    ),
    max_size=5,
)


def make_zip(entries: dict[str, tuple[bytes, int]], comment: bytes = b"") -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = comment
        for name, (data, method) in entries.items():
            archive.writestr(name, data, method)
    return buffer.getvalue()


def read_all(data: bytes) -> dict[str, bytes] | None:
    """Read an archive as an upload does; None when it is refused. Anything else fails the test."""
    try:
        archive = open_archive(NamelessFile(data), LIMITS)
        contents = {member.name: b"".join(archive.stream(member)) for member in archive.members}
    except (ArchiveRefusedError, LimitExceededError):
        return None
    try:
        lay_out(archive.members)
    except ArchiveRefusedError:
        pass
    return contents


@given(st.binary(max_size=300))
def test_any_bytes_are_an_archive_or_refused(data: bytes) -> None:
    read_all(data)
    read_all(b"PK\3\4" + data + b"PK\5\6" + data[:18])


@given(members, st.binary(max_size=30).filter(lambda comment: b"PK" not in comment))
def test_good_archives_read_as_the_standard_library_reads_them(
    entries: dict[str, tuple[bytes, int]], comment: bytes
) -> None:
    data = make_zip(entries, comment)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        expected = {n: archive.read(n) for n in archive.namelist() if not n.endswith("/")}
    assert read_all(data) == expected


@settings(max_examples=300, deadline=None)
@given(members.filter(bool), st.data())
def test_mutated_archives_give_nothing_but_our_errors(
    entries: dict[str, tuple[bytes, int]], data: st.DataObject
) -> None:
    mutated = bytearray(make_zip(entries))
    for _ in range(data.draw(st.integers(1, 4))):
        # Half of the changes hit the records of the directory, where there is most to go wrong.
        first = data.draw(st.sampled_from([0, mutated.find(b"PK\1\2")]))
        at = data.draw(st.integers(max(0, first), len(mutated) - 1))
        width = data.draw(st.sampled_from([1, 2, 4]))
        mutated[at : at + width] = data.draw(st.binary(min_size=width, max_size=width))
    read_all(bytes(mutated))


def plain_statement(name: str) -> str:
    """Say what becomes of a path, by other means than the product's."""
    parts = name.split("/")
    clean = all(
        part and part not in {".", ".."} and not re.search(r"""[\x00-\x1f\x7f-\xff\\^`><{}\[\]#%"'|]""", part)
        and len(part.encode("utf-8", "surrogatepass")) < 256 and not re.search("[\ud800-\udfff]", part)
        for part in parts
    )  # fmt: skip
    if not clean:
        return "refused"
    if parts[-1] == ".DS_Store" or (len(parts) == 1 and name.lower().endswith("-symbols.txt")):
        return "ignored"
    if len(parts) != 3 or not re.fullmatch("[0-9a-fA-F]+", parts[1]) or len(parts[1]) > 255:
        return "refused"
    if parts[0] in {".index", ".meta"}:
        return "refused"
    return f"{parts[0]}/{parts[1].upper()}/{parts[2]}"


@given(names | st.text(max_size=20))
def test_the_rule_for_paths_is_the_plain_one(name: str) -> None:
    try:
        key = symbol_key_of(name)
    except ArchiveRefusedError:
        assert plain_statement(name) == "refused"
    else:
        assert plain_statement(name) == ("ignored" if key is None else str(key))
