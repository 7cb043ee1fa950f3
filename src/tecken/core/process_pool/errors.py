# SPDX-License-Identifier: MPL-2.0

"""Why a task did not come to its end. The worker process that ran it is gone then."""


class WorkerError(Exception):
    """A task has no result. One that is begun again may have."""


class WorkerDiedError(WorkerError):
    """A worker process cannot be started, crashed, was killed, or failed by a mistake of ours."""


class TaskStarvedError(WorkerError):
    """A task got next to none of the processor; the pool begins it again with a higher priority."""


class TaskTimeoutError(WorkerError):
    """A task took longer than it may."""


class TaskMemoryError(WorkerError):
    """A task needed more memory than it may have."""


class TaskCancelledError(WorkerError):
    """Nobody wants the result of a task any more."""
