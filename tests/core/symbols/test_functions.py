# SPDX-License-Identifier: MPL-2.0

import gc

from tecken.core.symbols.functions import FunctionRecords, Location, Position
from tecken.core.symbols.lookup_limits import unlimited
from tecken.core.symbols.records import InlineRecord


def function_of(body: bytes, start: int, end: int) -> FunctionRecords:
    return FunctionRecords(body, start, end, unlimited())


def test_the_calls_at_an_address_are_given_from_the_outermost() -> None:
    body = (
        b"\nINLINE 0 11 1 100 1000 20 1030 10\nINLINE 1 12 2 101 1010 10\n1000 18 1 1\n1018 28 2 2"
    )
    function = function_of(body, 0x1000, 0x1040)
    outer, inner = InlineRecord(0, 11, 1, 100), InlineRecord(1, 12, 2, 101)
    expected = {
        0x100F: Position((1, 1), (outer,)),
        0x1018: Position((2, 2), (outer, inner)),
        0x1020: Position((2, 2), ()),
        0x103F: Position((2, 2), (outer,)),
    }
    assert function.at(list(expected)) == list(expected.values())
    assert [function.at([address])[0] for address in expected] == list(expected.values())
    # The first address that a function is asked for is found in another way than the later ones.
    first = {at: function_of(body, 0x1000, 0x1040).at([at])[0] for at in expected}
    assert first == expected


def test_a_level_without_a_parent_at_that_address_ends_the_chain() -> None:
    body = b"\nINLINE 0 1 1 100 1000 10\nINLINE 2 1 1 102 1000 10\nINLINE 1 1 1 101 1010 10"
    function = function_of(body, 0x1000, 0x1020)
    for _ in range(2):
        assert [call.origin for call in function.at([0x1000])[0].calls] == [100]
        assert function.at([0x1010])[0].calls == ()


def test_an_address_without_a_line_record_has_no_line() -> None:
    assert function_of(b"\n1000 4 1 1", 0x1000, 0x1010).at([0x1004]) == [Position(None, ())]


def test_inlines_of_other_chunks_of_the_function_are_of_no_account() -> None:
    line, elsewhere = b"\n1000 10 1 1", b"\nINLINE 0 1 1 1 2000 10 3000 10" * 100
    bare, full = (function_of(body, 0x1000, 0x1010) for body in (line, elsewhere + line))
    for _ in range(2):
        assert full.at([0x1000]) == bare.at([0x1000])


def test_a_deep_chain_of_calls_is_the_same_at_the_first_address_and_later() -> None:
    body = b"".join(b"\nINLINE %d 1 1 %d 1000 10" % (level, level) for level in range(40))
    function = function_of(body, 0x1000, 0x1010)
    for _ in range(2):
        assert [call.origin for call in function.at([0x1008])[0].calls] == list(range(40))


def test_a_kept_location_is_that_of_all_addresses_up_to_the_next_border() -> None:
    body = b"\nINLINE 0 1 1 1 1004 4\n1000 10 1 1\n1010 10 2 1"
    function = function_of(body, 0x1000, 0x1020)
    known = {0x1000: "before", 0x1004: "inside", 0x1008: "behind", 0x1010: "next line"}
    positions = function.at(list(known))
    for address, name in known.items():
        assert function.location_at(address) is None
        assert function.keep_location(address, Location(name, None, ())) > 0
    for address in range(0x1000, 0x1020):
        [name] = [known[start] for start in known if start <= address][-1:]
        location = function.location_at(address)
        assert location is not None
        assert location.file == name
        # The same is told by what would be answered without it.
        assert function.parsed_at(address) == positions[list(known.values()).index(name)]


def test_the_location_of_the_only_address_of_a_function_is_not_kept() -> None:
    function = function_of(b"\n1000 10 1 1", 0x1000, 0x1010)
    function.at([0x1000])
    assert function.parsed_at(0x1000) is None
    assert function.keep_location(0x1000, Location("a.c", 1, ())) == 0
    assert function.location_at(0x1000) is None


def test_a_location_is_counted_once() -> None:
    function = function_of(b"\n1000 10 1 1", 0x1000, 0x1010)
    function.at([0x1000, 0x1001])
    assert function.keep_location(0x1000, Location("a.c", 1, ())) > 0
    assert function.keep_location(0x1001, Location("a.c", 1, ())) == 0


def test_records_that_are_kept_are_nothing_for_the_garbage_collector() -> None:
    body = b"".join(b"\nINLINE %d 1 1 1 1000 10" % level for level in range(3)) + b"\n1000 10 1 1"
    function = function_of(body, 0x1000, 0x1010)
    [position, _] = function.at([0x1000, 0x1001])
    assert position.calls
    assert not any(map(gc.is_tracked, position.calls))
    assert not gc.is_tracked(Location("a.c", 1, ()))
