# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The application under memray: what a worker process allocates goes to ``build/memory.bin``."""

from multiprocessing.util import Finalize

import memray

tracker = memray.Tracker("build/memory.bin")
tracker.__enter__()
# Worker processes end without the usual exit handlers; these run there too.
Finalize(None, tracker.__exit__, args=(None, None, None), exitpriority=1)

from tecken.wsgi import application  # noqa: E402 (what it imports is measured as well)

__all__ = ["application"]
