# SPDX-License-Identifier: MPL-2.0

"""``/api/_settings/`` and ``/api/_versions/``: what a server runs with, for superusers."""

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from tecken.api.access import superuser
from tecken.api.schemas.common import Shape
from tecken.web.shown_settings import shown_settings
from tecken.web.versions import versions


class SettingShape(Shape):
    """A variable. ``origin`` says where its value comes from; of credentials, ``value`` is masked."""

    key: str
    value: str
    origin: str


class SettingsAnswer(Shape):
    """All variables that the server knows."""

    settings: list[SettingShape]


class VersionShape(Shape):
    """A package, a program or a service, and its version; empty where nobody knows."""

    key: str
    value: str


class VersionsAnswer(Shape):
    """The versions of what the server is made of, and of what it stands on."""

    versions: list[VersionShape]


router = Router(tags=["operations"], auth=superuser)


@router.get("_settings/", response=SettingsAnswer, operation_id="list_settings")
def list_settings(request: HttpRequest) -> SettingsAnswer:
    """List the effective settings; credentials are masked."""
    return SettingsAnswer(
        settings=[
            SettingShape(key=setting.name, value=setting.text, origin=setting.origin)
            for setting in shown_settings(settings.SETTING_READINGS)
        ]
    )


@router.get("_versions/", response=VersionsAnswer, operation_id="list_versions")
def list_versions(request: HttpRequest) -> VersionsAnswer:
    """List the versions of the server, of its packages and of the services it uses."""
    return VersionsAnswer(
        versions=[VersionShape(key=name, value=version) for name, version in versions()]
    )
