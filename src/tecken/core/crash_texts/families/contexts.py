# SPDX-License-Identifier: MPL-2.0

"""What the lines before a stack tell, for families that need no more than two expressions."""

import re
from collections.abc import Callable

from tecken.core.crash_texts.scan import Context

ReadContext = Callable[[str, Context], None]


def context_of(title: str | None = None, thread: str | None = None) -> ReadContext:
    """Return what reads a line before a stack: the group ``title`` begins a crash, ``thread`` names a thread."""
    title_form = re.compile(title) if title else None
    thread_form = re.compile(thread) if thread else None

    def read(body: str, context: Context) -> None:
        if title_form and (match := title_form.search(body)):
            context.title, context.found, context.crash = match["title"].strip(), True, True
        if thread_form and (match := thread_form.search(body)):
            context.thread, context.found = match["thread"], True

    return read
