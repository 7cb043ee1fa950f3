# SPDX-License-Identifier: MPL-2.0

"""Log lines, as text or as JSON, each with the id of the request it belongs to."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from tecken.web.request_ids import current_request_id

# A line feed that somebody sent must not look like a line of ours, nor colour the terminal.
_ESCAPED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


class RequestIdFilter(logging.Filter):
    """Adds ``request_id`` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id()
        return True


class TextFormatter(logging.Formatter):
    """One line a record, before the traceback if there is one."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = record.message.translate(_ESCAPED)
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the ``fields`` that a record has of its own."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "request_id": current_request_id(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields)


def logging_config(*, level: str, as_json: bool, log_sql: bool = False) -> dict[str, Any]:
    """Return the dictionary for ``logging.config``: everything goes to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": RequestIdFilter}},
        "formatters": {
            "text": {
                "()": TextFormatter,
                "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
            },
            "json": {"()": JsonFormatter},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "text",
                "filters": ["request_id"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django has handlers of its own for this one (and mails errors); ours is the root's.
            "django": {"handlers": [], "level": level},
            # What a client did wrong is in its answer; faults are logged by ErrorMiddleware.
            "django.request": {"level": "CRITICAL"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # Celery has lines for every message; what matters of a task is in its row.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            # Queries have what they ask for in them, secrets as well: only on demand.
            "django.db.backends": {"level": "DEBUG" if log_sql else "INFO"},
            # At DEBUG it writes down signatures, and tokens of sessions.
            "botocore": {"level": "INFO" if level == "DEBUG" else level},
            # They write down whole URLs, and that of an archive may be signed.
            "httpx2": {"level": "WARNING"},
            "httpcore2": {"level": "WARNING"},
        },
    }
