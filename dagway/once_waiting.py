"""Work that is watched over only once it waits: most small work never does.

A timer costs a few microseconds, a third of what answering a small operation takes.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


@coroutine
def once_waiting(
    work: Coroutine[Any, Any, T],
    watched: Callable[[Awaitable[T]], Coroutine[Any, Any, T]],
) -> Generator[Any, Any, T]:
    """What comes of some work, or, if it has to wait, of the rest of it, watched."""
    found: T
    try:
        awaited = work.send(None)
    except StopIteration as done:
        found = done.value
    else:
        found = yield from watched(_rest(work, awaited))
    return found


@coroutine
def _rest(work: Coroutine[Any, Any, T], awaited: Any) -> Generator[Any, Any, T]:
    """The rest of work that waits for something."""
    found: T
    while True:
        try:
            yield awaited
        except BaseException as error:  # noqa: BLE001  # the work's own to handle
            try:
                awaited = work.throw(error)
            except StopIteration as done:
                found = done.value
                return found
        else:
            found = yield from work
            return found
