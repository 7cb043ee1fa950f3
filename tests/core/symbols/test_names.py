# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

from array import array
from collections.abc import Mapping

from tecken.core.symbols import names as names_module
from tecken.core.symbols.index import RunMap
from tecken.core.symbols.names import NameTable

TEXTS = {
    2: b"\nFILE 1 a.c\nFILE 11 eleven.c\r\nFILE 2 first",
    5: b"\nINLINE_ORIGIN 5 not a file\nFILE 5 \xff b.c \nFILE 2 old\nFILE 2 last",
}


def files(record: bytes = b"FILE") -> NameTable:
    # 1 is in block 2, 2 to 10 in block 5, 11 and more in block 2.
    return NameTable(record, RunMap(array("Q", [1, 2, 11]), array("I", [2, 5, 2])))


def find(
    table: NameTable, *numbers: int, texts: Mapping[int, bytes] = TEXTS
) -> dict[int, str | None]:
    return table.resolve(table.search(numbers), texts)


def test_a_name_is_looked_for_in_the_block_that_the_index_tells() -> None:
    search = files().search([0, 1, 2, 7, 11, 99])
    assert search.blocks == {1: 2, 2: 5, 7: 5, 11: 2, 99: 2}
    assert search.known == {0: None}


def test_names_are_found_by_their_whole_number() -> None:
    assert find(files(), 1, 11) == {1: "a.c", 11: "eleven.c"}


def test_of_several_definitions_the_last_counts() -> None:
    assert find(files(), 2) == {2: "last"}


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert find(files(), 5) == {5: "\ufffd b.c "}


def test_a_number_without_a_record_has_no_name() -> None:
    assert find(files(), 0, 7, 99) == {0: None, 7: None, 99: None}


def test_records_of_another_kind_do_not_count() -> None:
    assert find(files(b"INLINE_ORIGIN"), 5, 1) == {5: "not a file", 1: None}


def test_a_name_that_was_read_is_kept_and_so_is_that_there_is_none() -> None:
    table = files()
    find(table, 1, 7)
    search = table.search([1, 2, 7])
    assert search.known == {1: "a.c", 7: None}
    assert search.blocks == {2: 5}
    assert find(table, 1, 7, texts={}) == {1: "a.c", 7: None}


def test_names_may_be_forgotten_while_others_are_looked_for() -> None:
    table = files()
    find(table, 1)
    search = table.search([1, 5])
    table.forget()  # as another thread may
    assert table.resolve(search, TEXTS) == {1: "a.c", 5: "\ufffd b.c "}


def test_only_so_many_names_are_kept(monkeypatch) -> None:
    # The real part that is missing is a file with 50,000 names, which takes seconds to make.
    monkeypatch.setattr(names_module, "_MAX_KEPT_NAMES", 3)
    table = files()
    find(table, 1, 2)
    held = table.memory_bytes
    find(table, 5, 11)
    assert table.search([1, 2, 5, 11]).known.keys() == {5, 11}
    assert 0 < table.memory_bytes < 2 * held
    table.forget()
    assert table.memory_bytes == 0
