# SPDX-License-Identifier: MPL-2.0

import gzip
from collections.abc import Iterator

import pytest
from tests.support.files import NamelessFile

from tecken.core.errors import ArchiveRefusedError
from tecken.core.storage.packing import pack
from tecken.core.symbols.index_file import open_index
from tecken.core.tempfiles.spooling import Scratch

TEXT = b"MODULE Linux x86_64 ABC0 a\n" + b"".join(
    b"FUNC %x0 10 0 function %d\n%x0 10 %d 0\n" % (n, n, n, n) for n in range(1, 9000)
)


def test_a_packed_file_is_gzip_and_has_its_index() -> None:
    packed = pack([TEXT[:100_000], TEXT[100_000:]], Scratch(NamelessFile()))
    stored = b"".join(packed.stored)
    assert gzip.decompress(stored) == TEXT
    index = open_index(b"".join(packed.index))
    assert (index.object_id, index.object_size) == (packed.object_id, len(stored))


def test_every_packed_file_has_an_id_of_its_own() -> None:
    scratch = Scratch(NamelessFile())
    assert pack([TEXT], scratch).object_id != pack([TEXT], scratch).object_id


def test_the_errors_of_the_chunks_pass_through() -> None:
    def chunks() -> Iterator[bytes]:
        yield TEXT
        raise ArchiveRefusedError("damaged")

    with pytest.raises(ArchiveRefusedError, match="damaged"):
        pack(chunks(), Scratch(NamelessFile()))
