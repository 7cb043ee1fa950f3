# SPDX-License-Identifier: MPL-2.0

import json
import subprocess
import sys
from pathlib import Path

import pytest
from isal import isal_zlib
from tests.core.symbols.conftest import FILLER, seekable

from tecken.core.symbols.index_file import MAGIC, UnusableIndexError, open_index, save_index
from tecken.core.symbols.seekable import PlainIndexer

TEXT = (
    b"MODULE Linux x86_64 1A0DF793E38A8E4F63C223F1500327FB0 b\xff c.so\r\nINFO CODE_ID F7 x\r\n"
    + b"FUNC\n"
    + FILLER
    + b"INLINE_ORIGIN 1 o\nFUNC 10 1 0 f\nPUBLIC ffffffffffffffff 0 p\n"
)


def test_an_index_is_read_back_as_it_was_saved() -> None:
    _, index = seekable(TEXT)
    assert index.unreadable_records == 1
    assert open_index(save_index(index)) == index


def test_the_index_of_plain_text_and_of_nothing_is_read_back_too() -> None:
    for text in (TEXT, b""):
        indexer = PlainIndexer(object_id="größe")
        indexer.feed(text)
        index = indexer.finish()
        assert open_index(save_index(index)) == index


def test_an_index_of_another_version_is_refused() -> None:
    stored = save_index(seekable(TEXT)[1])
    with pytest.raises(UnusableIndexError, match="not a symbol index of this version"):
        open_index(stored.replace(MAGIC, b"TKNIDX99"))


def saved_by_0_9(text: bytes) -> bytes:
    stored = save_index(seekable(text)[1])
    size = int.from_bytes(stored[len(MAGIC) : len(MAGIC) + 4], "little")
    start = len(MAGIC) + 4
    header = json.loads(stored[start : start + size])
    del header["reads"]
    older = json.dumps(header).encode()
    stored = MAGIC + len(older).to_bytes(4, "little") + older + stored[start + size : -4]
    return stored + isal_zlib.crc32(stored).to_bytes(4, "little")


def test_an_older_index_is_refused_only_if_it_skipped_what_may_be_read_today() -> None:
    whole = TEXT.replace(b"FUNC\n", b"")
    assert open_index(saved_by_0_9(whole)).unreadable_records == 0
    with pytest.raises(UnusableIndexError, match="skipped records that are read since"):
        open_index(saved_by_0_9(TEXT))


def test_an_index_that_ends_anywhere_is_refused() -> None:
    stored = save_index(seekable(TEXT)[1])
    for size in range(len(stored)):
        with pytest.raises(UnusableIndexError):
            open_index(stored[:size])


def test_an_index_with_any_byte_changed_is_refused() -> None:
    stored = save_index(seekable(TEXT)[1])
    for position in range(len(stored)):
        damaged = bytearray(stored)
        damaged[position] ^= 0x10
        with pytest.raises(UnusableIndexError):
            open_index(bytes(damaged))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xff\xff\xff{}",
        b"\x02\x00\x00\x00{}",
        b"\x02\x00\x00\x00[]",
        b"\x04\x00\x00\x00\xff\xff\xff\xff",
    ],
)
def test_nonsense_with_the_right_checksum_is_refused(content: bytes) -> None:
    stored = MAGIC + content
    with pytest.raises(UnusableIndexError, match="cannot be read"):
        open_index(stored + isal_zlib.crc32(stored).to_bytes(4, "little"))


def test_an_index_whose_arrays_are_cut_is_refused() -> None:
    stored = save_index(seekable(TEXT)[1])[:-8]
    with pytest.raises(UnusableIndexError, match="shorter than its header says"):
        open_index(stored + isal_zlib.crc32(stored).to_bytes(4, "little"))


_MANY_THREADS = """
import sys, threading
from pathlib import Path
sys.setswitchinterval(1e-6)  # so that others come between what one does
from tecken.core.symbols.index_file import open_index
stored, ready = Path(sys.argv[1]).read_bytes(), threading.Barrier(8)
def read():
    ready.wait()
    open_index(stored)
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_the_first_indexes_of_a_process_are_read_by_many_threads_at_once(tmp_path: Path) -> None:
    file = tmp_path / "index"
    file.write_bytes(save_index(seekable(TEXT)[1]))
    for _ in range(5):
        subprocess.run([sys.executable, "-c", _MANY_THREADS, file], check=True, timeout=60)
