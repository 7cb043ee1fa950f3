# SPDX-License-Identifier: MPL-2.0

"""``/api/_app/``: what the web app has to know of its server."""

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from tecken.api.schemas.common import Shape
from tecken.web.build_info import build_info
from tecken.web.page import tell_page


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


router = Router(tags=["operations"])


@router.get("_app/", response=AppSettings, operation_id="get_app_settings")
def get_app_settings(request: HttpRequest) -> AppSettings:
    """Tell what the web app has to know: the same for everybody."""
    info = build_info()
    limits = UploadLimits(
        max_archive_bytes=settings.UPLOAD_MAX_ARCHIVE_BYTES,
        max_members=settings.UPLOAD_MAX_MEMBERS,
        max_member_bytes=settings.UPLOAD_MAX_MEMBER_BYTES,
        max_total_bytes=settings.UPLOAD_MAX_TOTAL_BYTES,
        max_ratio=settings.UPLOAD_MAX_RATIO,
        verify_module=settings.UPLOAD_VERIFY_MODULE,
        forbidden_snippets=list(settings.DISALLOWED_SYMBOLS_SNIPPETS),
        allowed_domains=list(settings.ALLOW_UPLOAD_BY_DOWNLOAD_DOMAINS),
        any_domain=settings.ALLOW_UPLOAD_BY_ANY_DOMAIN,
    )
    return AppSettings(
        version=info["version"],
        contact_url=settings.CONTACT_URL or None,
        sentry_dsn=settings.SENTRY_PUBLIC_DSN or None,
        sentry_environment=settings.SENTRY_ENVIRONMENT,
        source_url=info["source"] or None,
        default_token_days=settings.TOKENS_DEFAULT_EXPIRATION_DAYS,
        microsoft_lookup=settings.ENABLE_DOWNLOAD_FROM_MICROSOFT,
        upload_limits=limits,
    )


tell_page("app", lambda request: get_app_settings(request).model_dump_json())
