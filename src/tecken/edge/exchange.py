# SPDX-License-Identifier: MPL-2.0

"""One request and its answer, as a straight line: the head is judged, the body taken, the view run."""

import logging
from dataclasses import dataclass, replace

from tecken.core.errors import LimitExceededError, RefusedError, TeckenError
from tecken.edge.application import Answer, Application, Body, FileBody, NoBody, TakenBody
from tecken.edge.bodies import ArrivingBody, SpoolFile, SpoolRoom
from tecken.edge.heads import Ends, Head
from tecken.edge.limits import MEMORY_BODY_BYTES, EdgeLimits
from tecken.edge.threads import Threads, run_in
from tecken.edge.wire import Wire
from tecken.edge.writing import CONTINUE
from tecken.web.compute_turns import turn_to_compute
from tecken.web.request_body import BodyPlan, BodySink

_WITH_BODY = {"POST", "PUT", "PATCH", "DELETE"}  # others mean nothing with a body, if they have one

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edge:
    """What the connections of a worker process share."""

    application: Application
    threads: Threads
    room: SpoolRoom
    limits: EdgeLimits


async def find_answer(edge: Edge, head: Head, body: ArrivingBody, wire: Wire) -> Answer:
    """Return the answer to a request. Raises ClientGoneError.

    A small body is simply taken. For a larger one, or one of unknown length, the application is run
    without it first: it refuses the request, or says what it wants of the body.
    """
    if _is_small(head):
        answer = await _run(edge, head, wire.ends, await _in_memory(body))
    else:
        answer = await _run(edge, head, wire.ends, None)
        if isinstance(answer, BodyPlan):
            if head.expects_continue and not body.received:
                wire.write(CONTINUE)
            answer = await _answer_with_body(edge, head, body, answer, wire.ends)
    if isinstance(answer, BodyPlan):  # what was read before is read no more
        raise TypeError(f"{head.method} asks for its body again and again")
    return answer


async def _answer_with_body(
    edge: Edge, head: Head, body: ArrivingBody, plan: BodyPlan, ends: Ends
) -> Answer | BodyPlan:
    taken = await _take(edge, body, plan)
    try:
        return await _run(edge, head, ends, taken)
    finally:
        if isinstance(taken, TakenBody):
            await run_in(edge.threads.disk, taken.sink.discard)
        elif isinstance(taken, FileBody):
            taken.file.discard()


async def _run(edge: Edge, head: Head, ends: Ends, body: Body) -> Answer | BodyPlan:
    threads = edge.threads
    match body:
        case None | NoBody() if head.method in _WITH_BODY:
            return await run_in(threads.judging, _judge, edge.application, head, ends, body)
        case FileBody():
            executor = threads.large
        case TakenBody():
            executor = threads.uploads
        case _:
            executor = threads.views
    return await run_in(executor, edge.application.answer, head, ends, body)


def _judge(
    application: Application, head: Head, ends: Ends, body: NoBody | None
) -> Answer | BodyPlan:
    """Run the application in a turn: there may be hundreds of these at once.

    It refuses them, or asks for the body before it does anything that takes long.
    """
    with turn_to_compute():
        return application.answer(head, ends, body)


def _is_small(head: Head) -> bool:
    if head.length == 0:
        return True
    return (
        head.length is not None and head.length <= MEMORY_BODY_BYTES and not head.expects_continue
    )


async def _in_memory(body: ArrivingBody) -> Body:
    chunks = []
    try:
        while chunk := await body.read():
            chunks.append(chunk)
    except RefusedError as error:
        return NoBody(error)
    return b"".join(chunks)


async def _take(edge: Edge, body: ArrivingBody, plan: BodyPlan) -> Body:
    if body.length is not None and body.length > plan.max_bytes:
        most = f"at most {plan.max_bytes} bytes are allowed"
        return NoBody(LimitExceededError(f"The body is too large: {most}"))
    sink: BodySink | None = None
    try:
        if plan.new_sink is not None:
            sink = await run_in(edge.threads.disk, plan.new_sink)
            await _pour(edge, body, sink)
            return TakenBody(sink)
        sink = file = await run_in(edge.threads.disk, SpoolFile, edge.room)
        await _pour(edge, body, sink, plan.max_bytes + 1)
        return FileBody(file)
    except BaseException as error:
        if sink is not None:
            await run_in(edge.threads.disk, sink.discard)
        if isinstance(error, TeckenError):
            return NoBody(error)
        raise


async def _pour(edge: Edge, body: ArrivingBody, sink: BodySink, enough: int | None = None) -> None:
    """Write a body to a sink as it arrives, or only its first so many bytes."""
    left = enough
    while (left is None or left > 0) and (data := await body.read()):
        if left is not None:
            data = data[:left]
            left -= len(data)
        await run_in(edge.threads.disk, sink.write, data)
    await run_in(edge.threads.disk, sink.finish)


def closing(head: Head) -> Head:
    """Return the head of a request after whose answer the connection ends."""
    return replace(head, keep_alive=False)
