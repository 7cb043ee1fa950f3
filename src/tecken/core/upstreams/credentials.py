# SPDX-License-Identifier: MPL-2.0

"""What another symbol server is told about who asks. It is never shown: not in logs, errors or ``repr``."""

import base64
import re
from dataclasses import dataclass, field
from typing import Self

_HEADER = re.compile(r"(?P<name>[A-Za-z0-9!#$%&'*+.^_`|~-]+):\s*(?P<value>[^\x00-\x1f\x7f]+)")
_FORM = "must be 'Bearer <token>', 'Basic <user>:<password>' or '<header>: <value>'"
# These say where a message ends and where it goes to.
_NOT_THESE = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A header that is sent to the server itself, and to no host that it redirects to."""

    header: str = field(repr=False)
    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``Bearer …``, ``Basic user:password`` (plain, not yet in base64) or a header.

        Raises ValueError, whose message does not have the text.
        """
        text = text.strip()
        scheme, _, rest = text.partition(" ")
        rest = rest.strip()
        if not text.isascii() and scheme.lower() != "basic":
            raise ValueError(_FORM)
        if scheme.lower() == "bearer" and rest and " " not in rest and rest.isprintable():
            return cls("Authorization", f"Bearer {rest}")
        if scheme.lower() == "basic" and ":" in rest and rest.isprintable():
            return cls("Authorization", f"Basic {base64.b64encode(rest.encode()).decode()}")
        header = _HEADER.fullmatch(text)
        if header is None or header["name"].lower() in _NOT_THESE:
            raise ValueError(_FORM)
        return cls(header["name"], header["value"].strip())
