# SPDX-License-Identifier: MPL-2.0

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
    search = table.search(numbers)
    table.resolve(search, texts)
    return search.names


def test_a_name_is_looked_for_in_the_block_that_the_index_tells() -> None:
    search = files().search([0, 1, 2, 7, 11, 99])
    assert search.blocks == {2: [1, 11, 99], 5: [2, 7]}
    assert search.names == {0: None}


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
    assert search.names == {1: "a.c", 7: None}
    assert search.blocks == {5: [2]}
    assert find(table, 1, 7, texts={}) == {1: "a.c", 7: None}


def test_names_may_be_forgotten_while_others_are_looked_for() -> None:
    table = files()
    find(table, 1)
    search = table.search([1, 5])
    table.forget()  # as another thread may
    table.resolve(search, TEXTS)
    assert search.names == {1: "a.c", 5: "\ufffd b.c "}


def test_only_so_many_names_are_kept(monkeypatch) -> None:
    # The real part that is missing is a file with 50,000 names, which takes seconds to make.
    monkeypatch.setattr(names_module, "_MAX_KEPT_NAMES", 3)
    table = files()
    find(table, 1, 2)
    held = table.memory_bytes
    find(table, 5, 11)
    assert table.search([1, 2, 5, 11]).names.keys() == {5, 11}
    assert 0 < table.memory_bytes < 2 * held
    table.forget()
    assert table.memory_bytes == 0


def test_many_names_of_a_block_are_found_as_one_by_one() -> None:
    lines = [b"\nFILE %d name %d" % (number % 700, number) for number in range(2_000)]
    text = b"".join([*lines, b"\nFILE 1x no number", b"\nINLINE_ORIGIN 5 not a file"])
    runs = RunMap(array("Q", [0]), array("I", [0]))
    numbers = range(1_000)
    together = find(NameTable(b"FILE", runs), *numbers, texts={0: text})
    alone = [find(NameTable(b"FILE", runs), number, texts={0: text}) for number in numbers]
    assert together == {number: names[number] for number, names in enumerate(alone)}
    assert together[5] == "name 1405"
    assert together[800] is None


def test_names_that_were_read_are_counted_once_by_what_they_take() -> None:
    table = NameTable(b"FILE", RunMap(array("Q", [0]), array("I", [0])))
    search = table.search([1, 2])
    table.resolve(search, {0: b"\nFILE 1 " + b"x" * 100_000 + b"\nFILE 2 y"})
    assert 100_000 < search.take_read_bytes() < 102_000
    assert search.take_read_bytes() == 0


def test_long_names_are_kept_within_a_bound() -> None:
    table = NameTable(b"FILE", RunMap(array("Q", range(400)), array("I", range(400))))
    for number in range(400):
        find(table, number, texts={number: b"\nFILE %d " % number + b"x" * 250_000})
    assert len(table.known) > 1
    assert sum(len(name or "") for name in table.known.values()) < 33 * 1024 * 1024
