# SPDX-License-Identifier: MPL-2.0

"""Faults, told to a Sentry server: what happened where, and nothing that a client sent.

Every line of log at the level ERROR is an event: faults of views and of background tasks among them.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tecken.env import SettingError
from tecken.web.build_info import build_info
from tecken.web.path_tokens import masked
from tecken.web.request_ids import current_request_id

if TYPE_CHECKING:
    from sentry_sdk.types import Event

# Of a request, only what is named here is sent: tokens, cookies and addresses are not.
_REQUEST_KEYS = frozenset({"method", "url", "headers"})
_HEADERS = frozenset({"accept", "content-length", "content-type", "host", "user-agent"})


def checked_dsn(name: str, dsn: str) -> str:
    """Return the DSN of a variable, or "" for none. Raises SettingError."""
    if dsn:
        from sentry_sdk.utils import BadDsn, Dsn

        try:
            Dsn(dsn)
        except BadDsn:
            raise SettingError(name, "must be https://key@host/number") from None
    return dsn


def dsn_origin(dsn: str) -> str:
    """Return where browsers send what goes to a DSN: ``https://sentry.example.com``; "" for none."""
    if not dsn:
        return ""
    parts = urlsplit(dsn)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def start_sentry(dsn: str, environment: str) -> None:
    """Send faults to the project of a checked DSN; "" sends none."""
    if not dsn:
        return
    # Imported when it is used: most servers do without.
    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.django import DjangoIntegration

    info = build_info()
    sentry_sdk.init(
        dsn,
        release="+".join(filter(None, (f"tecken@{info['version']}", info["commit"][:12]))),
        environment=environment,
        integrations=[DjangoIntegration(), CeleryIntegration()],
        auto_enabling_integrations=False,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,  # they may be tokens
        max_breadcrumbs=0,  # they may have URLs of other servers, with signatures
        before_send=_without_secrets,
    )


def _without_secrets(event: "Event", _hint: dict[str, Any]) -> "Event":
    request: dict[str, Any] = event.get("request", {})
    kept = {key: value for key, value in request.items() if key in _REQUEST_KEYS}
    if "url" in kept:
        kept["url"] = masked(str(kept["url"]))
    headers = kept.get("headers", {})
    kept["headers"] = {key: headers[key] for key in headers if key.lower() in _HEADERS}
    event["request"] = kept
    if "transaction" in event:
        event["transaction"] = masked(event["transaction"])
    event.setdefault("tags", {})["request_id"] = current_request_id()
    return event
