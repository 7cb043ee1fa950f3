# SPDX-License-Identifier: MPL-2.0

"""The JSON formats, each a module with ``FORMATS``: what a document looks like, and what reads it."""

from tecken.core.crash_texts.documents.apple_ips import APPLE_IPS
from tecken.core.crash_texts.documents.document import Document, Format
from tecken.core.crash_texts.documents.dotnet import DOTNET
from tecken.core.crash_texts.documents.firefox import CRASH_PING, RAW_CRASH, STACK_TRACES
from tecken.core.crash_texts.documents.minidump_json import MINIDUMP_JSON, SOCORRO
from tecken.core.crash_texts.documents.profiles import FIREFOX_PROFILE, GECKO_PROFILE, SAMPLY
from tecken.core.crash_texts.documents.requests import V4, V5

FORMATS: tuple[Format, ...] = (
    SOCORRO, MINIDUMP_JSON, CRASH_PING, RAW_CRASH, STACK_TRACES, APPLE_IPS, SAMPLY,
    FIREFOX_PROFILE, GECKO_PROFILE, DOTNET, V4, V5,
)  # fmt: skip

__all__ = ["FORMATS", "Document", "Format"]
