# SPDX-License-Identifier: MPL-2.0

"""The page of the documentation that has all formats, written from the modules that read them."""

import sys
from collections.abc import Iterator

from tecken.core.crash_texts import offset_list
from tecken.core.crash_texts.documents import FORMATS
from tecken.core.crash_texts.documents.document import Format
from tecken.core.crash_texts.families import FAMILIES
from tecken.core.crash_texts.scan import Family

_HEAD = """# Crash texts

What `POST /symbolicate/text`, `tecken symbolicate` and the page `/symbolication` read. Every format is recognised by
itself, with any log around it: prefixes of syslog, docker, Kubernetes, logcat, the kernel and CI, ANSI colours, CRLF, and
several crashes in one text. A frame keeps its module and its address and gets `function at file:line`; calls that the
compiler inlined are lines of their own below their frame, `inlined: function at file:line`; all other lines stay byte for byte.
A minidump itself is read where that is [set up](configuration.md#symbolication): see [the API](api.md).

**Look-up** says which address is looked up. *As printed*: the tool has subtracted already, or the address is exact.
*Callers -1*: one byte before a return address, for all frames but the top of a thread and the one that a signal
interrupted. *All -1*: for the first one, too.

| format | look-up | a line of it |
| --- | --- | --- |
"""
_LAYOUTS = """
## Where the layouts come from
"""


def crash_texts_page() -> str:
    """Return the page, in Markdown."""
    formats: list[Family | Format] = [*FAMILIES, *FORMATS]
    rows = [(form.format, form.returns.value, form.example) for form in formats]
    rows.append((offset_list.FORMAT, "as printed", offset_list.EXAMPLE))
    table = "".join(
        f"| `{name}` | {returns} | {_example(example)} |\n" for name, returns, example in rows
    )
    return _HEAD + table + _LAYOUTS + "".join(_layouts())


def _example(text: str) -> str:
    lines = [line.strip().replace("|", "\\|") for line in text.split("\n")]
    return "<br>".join(_code(" ".join(line.split())) for line in lines)


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _layouts() -> Iterator[str]:
    package = __name__.rpartition(".")[0]
    names = sorted(
        name
        for name in sys.modules
        if name.startswith((f"{package}.families.", f"{package}.documents."))
    )
    for name in (*names, offset_list.__name__):
        text = (sys.modules[name].__doc__ or "").strip()
        if "Returns:" in text:
            title, _, rest = text.partition("\n")
            yield f"\n**{_markdown(title).rstrip('.')}**\n\n{_markdown(rest)}\n"


def _markdown(text: str) -> str:
    return text.strip().replace("``", "`")
