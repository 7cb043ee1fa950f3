# SPDX-License-Identifier: MPL-2.0

"""Loading the whole demo, and removing it."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db import transaction

from tecken.accounts.models import User
from tecken.accounts.tokens.models import Token
from tecken.commands.demo.figures import load_figures, remove_figures
from tecken.commands.demo.people import PEOPLE, load_people
from tecken.commands.demo.uploads import load_uploads
from tecken.download.models import MissingSymbol
from tecken.upload.models import FileUpload, Upload
from tecken.upload.taking_back import take_back_all


def load_demo() -> str:
    """Load it; return what to say of it.

    A load that was cut off leaves people behind, so it is known as a demo and can be removed.
    """
    with transaction.atomic():
        people = load_people()
        load_figures(_loaded_on(people.values()))
    load_uploads(people)
    roles = "\n".join(f"  tecken signin-link {person.email:24}{person.role}" for person in PEOPLE)
    return (
        f"Loaded {Upload.objects.filter(user__in=people.values()).count()} uploads, "
        f"{Token.objects.filter(user__in=people.values()).count()} tokens "
        f"and these people, as whom you can sign in:\n{roles}\n"
        "tecken superuser you@example.com shows you all of it; tecken demo --remove takes it away."
    )


def remove_demo(people: Collection[User]) -> str:
    """Remove the demo's people, all that they uploaded, and what was counted; say what that was.

    Objects first: when a bucket is down, the rows stay and tell what is still to be removed.
    """
    uploads = Upload.objects.filter(user__in=people)
    count, files = uploads.count(), FileUpload.objects.filter(upload__in=uploads).count()
    objects = take_back_all(uploads)
    with transaction.atomic():
        uploads.delete()
        misses = MissingSymbol.objects.count()
        remove_figures(_loaded_on(people))
        misses -= MissingSymbol.objects.count()
        User.objects.filter(pk__in=[user.pk for user in people]).delete()
    return (
        f"Removed {len(people)} people with their tokens, {count} uploads of {files} files, "
        f"{objects} objects and {misses} missing symbols. The audit trail stays."
    )


def _loaded_on(people: Iterable[User]) -> date:
    """Return the day (UTC) that the demo was loaded on."""
    return min(user.created_at for user in people).date()
