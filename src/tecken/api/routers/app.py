# SPDX-License-Identifier: MPL-2.0

"""``/api/_app/``: what the web app has to know of its server."""

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from tecken.api.schemas.app import AppSettings, UploadLimits
from tecken.web.build_info import build_info
from tecken.web.page import tell_page

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
