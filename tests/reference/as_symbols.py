# SPDX-License-Identifier: MPL-2.0

"""The slow reader's answers in the form of the product's, to compare the two."""

from tests.reference.breakpad import Answer

from tecken.core.symbols.lookup import InlineCall, Symbol


def symbol_of(answer: Answer | None) -> Symbol | None:
    """Return the symbol that the product must answer."""
    if answer is None:
        return None
    return Symbol(
        answer.function,
        answer.function_offset,
        answer.function_size,
        answer.file,
        answer.line,
        tuple(InlineCall(call.function, call.file, call.line) for call in answer.inlines),
    )
