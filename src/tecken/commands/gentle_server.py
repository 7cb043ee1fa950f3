# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""granian's server, but for how it stops."""

import os
import signal
import time
from contextlib import suppress

from granian.server.mp import MPServer

from tecken.web.leaving import LAST_SECONDS, LEAVE_SECONDS


class GentleServer(MPServer):
    """Lets its workers leave before it tells them to stop."""

    def shutdown(self, exit_code: int = 0) -> None:
        """End all workers: by SIGUSR1 and then, when clients know, by granian's own SIGTERM."""
        for worker in self.wrks:
            with suppress(ProcessLookupError):  # it has just died
                os.kill(worker.inner.pid, signal.SIGUSR1)
        time.sleep(LEAVE_SECONDS + LAST_SECONDS)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]
