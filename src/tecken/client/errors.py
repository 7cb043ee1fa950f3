# SPDX-License-Identifier: MPL-2.0

"""What can go wrong for someone who calls a server. Each message is one line for a person::

ClientError                   also: input that cannot be used, an answer that makes no sense
├── RefusedByServerError      the server said no (4xx), in its own words
└── ServerUnavailableError    no usable answer, after all tries
"""


class ClientError(Exception):
    """Base of all errors of the client side."""


class RefusedByServerError(ClientError):
    """The server answered with a 4xx ``status``; the message is the server's own sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class ServerUnavailableError(ClientError):
    """The server could not be reached, or answered 429 or 5xx until the tries were used up."""
