# SPDX-License-Identifier: MPL-2.0

"""Answers to what is no request, which no application sees."""

import logging
from http import HTTPStatus

import msgspec

from tecken.edge.writing import head_bytes
from tecken.web.headers import CONTENT_SECURITY_POLICY
from tecken.web.metrics import REFUSALS
from tecken.web.request_ids import choose_request_id

LINGER_SECONDS = 1.0

logger = logging.getLogger(__name__)


def refusal(status: int, sentence: str) -> bytes:
    """Return an answer ``{"error": sentence}`` that ends the connection, and log it."""
    body = msgspec.json.encode({"error": sentence})
    request_id = choose_request_id(None)
    REFUSALS.add()
    logger.info("%s without a request: %s (%s)", status, sentence, request_id)
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Access-Control-Allow-Origin", "*"),
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("X-Request-ID", request_id),
    ]
    phrase = f"{status} {HTTPStatus(status).phrase}"
    return head_bytes(phrase, headers, keep_alive=False, chunked=False) + body
