# SPDX-License-Identifier: MPL-2.0

"""What a server runs with."""

from tecken.api.schemas.common import Shape


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
