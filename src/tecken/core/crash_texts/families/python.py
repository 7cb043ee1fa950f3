# SPDX-License-Identifier: MPL-2.0

"""Python's faulthandler: the C stack that 3.14 and later print.

Layout: python/cpython Python/traceback.c: ``Binary file "MODULE", at FUNCTION+0xOFFSET [0xADDRESS]``; without a
function the offset is in the module, with one in the function. Lines ``File "…", line N in F`` are
Python's own frames; they stay as they are and are not counted.

Returns: all -1.
"""

import re

from tecken.core.crash_texts.families.glibc import complete_function
from tecken.core.crash_texts.model import Returns
from tecken.core.crash_texts.scan import Family, context_of

PYTHON = Family(
    format="python-faulthandler",
    hints=("Binary file ",),
    frame=re.compile(
        r"\s*Binary file [\"'](?P<module>[^\"']*)[\"'](?:, at (?:(?P<function>[^+\s]\S*)\+0x(?P<function_offset>[0-9a-f]{1,16})"
        r"|\+0x(?P<offset>[0-9a-f]{1,16})))? \[0x(?P<address>[0-9a-f]{1,16})\](?: (?P<slot>\S.*))?$"
    ),
    damaged=re.compile(r"\s*Binary file [\"']"),
    returns=Returns.ALL,
    context=context_of(r"(?P<title>Fatal Python error: .*)"),
    complete=complete_function,
    example='  Binary file "/usr/lib/libfoo.so", at +0x12c568 [0x7f7ad8171568]',
)
