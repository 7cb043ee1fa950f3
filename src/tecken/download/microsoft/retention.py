# SPDX-License-Identifier: MPL-2.0

"""What lookups leave behind."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tecken.download.microsoft.models import MicrosoftDownload


def forget_downloads(*, dry_run: bool) -> int:
    """Delete the rows of lookups that are old; return how many. What they stored stays."""
    before = timezone.now() - timedelta(days=settings.MICROSOFT_DOWNLOAD_RETENTION_DAYS)
    old = MicrosoftDownload.objects.filter(created_at__lt=before)
    return old.count() if dry_run else old.delete()[0]
