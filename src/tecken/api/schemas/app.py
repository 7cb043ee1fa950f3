# SPDX-License-Identifier: MPL-2.0

"""What the web app has to know of its server before anybody signs in."""

from tecken.api.schemas.common import Shape


class UploadLimits(Shape):
    """What an archive is refused for, so that nobody sends one for nothing.

    Sizes are in bytes; ``max_ratio`` is how many times a member of more than 16 MiB may grow;
    ``verify_module`` tells whether a symbol file with the debug id of another is refused.
    """

    max_archive_bytes: int
    max_members: int
    max_member_bytes: int
    max_total_bytes: int
    max_ratio: int
    verify_module: bool
    forbidden_snippets: list[str]
    allowed_domains: list[str]
    any_domain: bool


class AppSettings(Shape):
    """``contact_url`` and ``sentry_dsn`` are null where nobody has set them."""

    version: str
    contact_url: str | None
    sentry_dsn: str | None
    sentry_environment: str
    source_url: str | None
    default_token_days: int
    microsoft_lookup: bool
    upload_limits: UploadLimits
