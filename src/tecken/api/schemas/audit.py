# SPDX-License-Identifier: MPL-2.0

"""The audit trail."""

from datetime import datetime
from typing import Any

from tecken.api.schemas.common import PageShape, Shape


class AuditRow(Shape):
    """What ``actor_name`` did to the account of ``subject_name``; both are emails, or a command."""

    id: int
    created_at: datetime
    action: str
    actor_name: str
    subject_name: str
    details: dict[str, Any]


class AuditPage(PageShape):
    """Entries, the newest first."""

    entries: list[AuditRow]
