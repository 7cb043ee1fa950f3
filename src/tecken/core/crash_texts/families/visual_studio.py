# SPDX-License-Identifier: MPL-2.0

r"""Visual Studio: the call stack window, copied.

Layout: ``MODULE!ADDRESS()`` or ``MODULE!FUNCTION(ARGUMENTS) Line N``, then a tab and the language; ``>`` marks the
current frame. ``[External Code]`` is no frame.

Returns: callers -1.
"""

import re

from tecken.core.crash_texts.model import Returns
from tecken.core.crash_texts.scan import Family

VISUAL_STUDIO = Family(
    format="visual-studio",
    hints=("!",),
    frame=re.compile(
        r"(?P<start>>)?\s*(?P<module>[\w.$+-]+(?: [\w.$+-]+)*\.(?:dll|exe|sys|drv|ocx))"
        r"!(?:(?P<address>[0-9A-Fa-f]{8,16})\(\) *|(?P<function>(?!0000)\S[^\t]*?)(?:\t|$))(?P<slot>[^\t]*)(?:\t.*)?$"
    ),
    damaged=re.compile(r">?\s*[\w.$+-]+\.(?:dll|exe|sys|drv|ocx)!"),
    returns=Returns.CALLERS,
    crashes=False,
    before=" ",
    example=">\tfoo.dll!00007ff8f32816bf()\tUnknown",
)
