# SPDX-License-Identifier: MPL-2.0

"""The limits and rules of uploads, from the settings."""

from django.conf import settings

from tecken.core.archives.directory import ArchiveLimits
from tecken.core.archives.inspection import InspectionRules
from tecken.core.dialects import ignoring
from tecken.core.fetching.rules import FetchRules, FetchTimeOuts
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.storing import StoringRules


def archive_limits() -> ArchiveLimits:
    """Return what an archive may claim to hold."""
    return ArchiveLimits(
        max_members=settings.UPLOAD_MAX_MEMBERS,
        max_member_bytes=settings.UPLOAD_MAX_MEMBER_BYTES,
        max_total_bytes=settings.UPLOAD_MAX_TOTAL_BYTES,
        max_ratio=settings.UPLOAD_MAX_RATIO,
    )


def inspection_rules() -> InspectionRules:
    """Return what the first pass refuses."""
    return InspectionRules(
        snippets=tuple(settings.DISALLOWED_SYMBOLS_SNIPPETS),
        verify_module=settings.UPLOAD_VERIFY_MODULE,
    )


def storing_rules() -> StoringRules:
    """Return the form in which files are stored."""
    return StoringRules(frozenset(settings.COMPRESS_EXTENSIONS), settings.MIME_OVERRIDES)


def can_be_asked_for(key: SymbolKey) -> bool:
    """Say whether downloads look for what lies at a key."""
    return ignoring.can_be_asked_for(key, settings.DOWNLOAD_FILE_EXTENSIONS_WHITELIST)


def fetch_rules() -> FetchRules:
    """Return where an archive may be fetched from."""
    time_outs = FetchTimeOuts(
        connect_seconds=settings.UPLOAD_URL_CONNECT_TIMEOUT,
        read_seconds=settings.UPLOAD_URL_READ_TIMEOUT,
        total_seconds=settings.UPLOAD_URL_TOTAL_TIMEOUT,
    )
    if settings.ALLOW_UPLOAD_BY_ANY_DOMAIN:
        return FetchRules.lifted(time_outs)
    hosts = frozenset(host.lower() for host in settings.ALLOW_UPLOAD_BY_DOWNLOAD_DOMAINS)
    return FetchRules(time_outs, https_only=True, hosts=hosts)
