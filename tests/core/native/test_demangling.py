# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.native.demangling import demangled, in_one_style, one_line


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_ZNSt6vectorIS_IiSaIiEESaIS1_EE9push_backEOS1_",
         "std::vector<std::vector<int, std::allocator<int>>,"
         " std::allocator<std::vector<int, std::allocator<int>>>>"
         "::push_back(std::vector<int, std::allocator<int>>&&)"),
        ("__ZN3fooC1Ev", "foo::foo()"),
        ("_RNvCskwGfYPst2Cb_3foo16example_function", "foo::example_function"),
        ("_ZN61_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
         "<alloc::vec::Vec<T> as core::fmt::Debug>::fmt"),
        ("$s4main3FooV3baryyF", "main.Foo.bar() -> ()"),
        ("_$s4main3FooV3baryyF", "main.Foo.bar() -> ()"),
        ("?foo@Tensor@at@@QEAAXXZ", "public: void __cdecl at::Tensor::foo(void)"),
        ("main", "main"),
        ("_start", "_start"),
        ("_ZNot_mangled", "_ZNot_mangled"),
        ("?bad", "?bad"),
        ("$snot", "$snot"),
        ("_ZN3foo17h0123456789abcdeE", "_ZN3foo17h0123456789abcdeE"),
    ],
)  # fmt: skip
def test_names_are_demangled_in_one_style(name: str, expected: str) -> None:
    assert demangled(name.encode()).decode() == expected


def test_the_suffix_of_a_part_of_a_function_is_kept() -> None:
    assert demangled(b"_Z4sellj.cold") == b"sell(unsigned int) (.cold)"


def test_bytes_that_are_no_text_stay() -> None:
    assert demangled(b"_Z3f\xff\xfe") == b"_Z3f\xff\xfe"


def test_very_long_names_stay() -> None:
    name = b"_Z3foo" + b"i" * 70_000
    assert demangled(name) == name


def test_names_stay_on_their_line() -> None:
    assert one_line(b"a\nFUNC 0 1 0 b\r\0") == b"a?FUNC 0 1 0 b??"


def test_nested_templates_of_debug_information_are_written_as_llvm_does() -> None:
    assert in_one_style(b"A<B<C<int> > >::A") == b"A<B<C<int>>>::A"
