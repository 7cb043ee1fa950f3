# SPDX-License-Identifier: MPL-2.0

"""Where text goes."""

from collections.abc import Callable
from typing import TypeAlias

Write: TypeAlias = Callable[[bytes], object]
