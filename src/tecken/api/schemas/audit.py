# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The audit trail."""

from datetime import datetime
from typing import Any

from pydantic import Field

from tecken.api.schemas.common import Id, Shape, Text


class AuditQuery(Shape):
    """Which entries: those older than an id, and those about or by some people."""

    before: Id | None = Field(None, description="An id: older entries only")
    user: Text = Field("", description="A part of an email, of either side")


class AuditRow(Shape):
    """What ``actor_name`` did to the account of ``subject_name``; both are emails, or a command."""

    id: int
    created_at: datetime
    action: str
    actor_name: str
    subject_name: str
    details: dict[str, Any]


class AuditPage(Shape):
    """Entries, newest first; ``next_before`` is the ``before`` of the next page, if there is one."""

    entries: list[AuditRow]
    next_before: int | None
