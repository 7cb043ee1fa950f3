# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The data folder: made before anyone needs it, in every configuration."""

import os
from pathlib import Path

from tecken.env import SettingError


def make_data_dir(path: Path) -> bool:
    """Make the folder, with or without a secret key to keep in it: everyone else expects it.

    Returns True. Raises SettingError when nothing can be kept in it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError("TECKEN_DATA_DIR", f"cannot be made: {error}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingError("TECKEN_DATA_DIR", f"is {path}, where this user may not write")
    return True
