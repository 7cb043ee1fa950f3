# SPDX-License-Identifier: MPL-2.0

"""Makes people at a started server and signs them in, all in one process, which is many times quicker than a
command and a form for each: ``python make_people.py ROLES`` with the environment of the server.

``ROLES`` is JSON: name -> what somebody has. It prints JSON: name -> keys of a session and of a token.
"""

import json
import sys

from tecken.commands.django import setup_django

setup_django()

from django.contrib.auth.models import Group  # noqa: E402 - Django has to be started before
from django.http import HttpRequest  # noqa: E402

from tecken.accounts.audit import COMMAND_LINE  # noqa: E402
from tecken.accounts.groups import token_permission  # noqa: E402
from tecken.accounts.models import User  # noqa: E402
from tecken.accounts.people import grant, set_groups, set_superuser  # noqa: E402
from tecken.accounts.session_store import SessionStore  # noqa: E402
from tecken.accounts.sessions import sign_in  # noqa: E402
from tecken.accounts.tokens.services import create_token  # noqa: E402
from tecken.commands.people import person  # noqa: E402


def main() -> None:
    roles = json.loads(sys.argv[1])
    json.dump({name: keys_of(name, role) for name, role in roles.items()}, sys.stdout)


def keys_of(name: str, role: dict[str, str]) -> dict[str, str]:
    """Make somebody with a session, and a token if one is wanted; return the keys of both."""
    user = person(role["email"])
    set_superuser(user, name == "superuser", by=COMMAND_LINE)
    if "group" in role:
        set_groups(user, [Group.objects.get(name=role["group"])], by=COMMAND_LINE)
    if "permission" in role:
        grant(user, [token_permission(role["permission"])], by=COMMAND_LINE)
    keys = {"session": session_key(user)}
    if "token" in role:
        new = create_token(
            user,
            [token_permission(role["token"])],
            days=1,
            notes=role.get("label", ""),
            by=COMMAND_LINE,
        )
        keys["token"] = new.key
    return keys


def session_key(user: User) -> str:
    request = HttpRequest()
    request.session = SessionStore()
    sign_in(request, user, how="by a test")
    request.session.save()
    return str(request.session.session_key)


main()
