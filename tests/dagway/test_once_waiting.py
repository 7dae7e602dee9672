"""Work that is watched only once it waits."""

import asyncio
from collections.abc import Awaitable

import pytest

from dagway.once_waiting import once_waiting


class Watching:
    """Counts what it watches, and lets it take a moment only."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, work: Awaitable[str]) -> str:
        self.count += 1
        async with asyncio.timeout(0.05):
            return await work


async def test_work_that_does_not_wait_is_not_watched() -> None:
    async def work() -> str:
        return "done"

    watching = Watching()
    assert await once_waiting(work(), watching) == "done"
    assert watching.count == 0


async def test_work_that_waits_several_times_is_watched_once() -> None:
    async def work() -> str:
        for _ in range(3):
            await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        return "done"

    watching = Watching()
    assert await once_waiting(work(), watching) == "done"
    assert watching.count == 1


async def test_what_fails_is_told_to_the_work_that_waited_for_it() -> None:
    async def failing(after: float) -> None:
        await asyncio.sleep(after)
        raise ValueError

    async def work() -> str:
        for _ in range(2):
            with pytest.raises(ValueError):  # noqa: PT011  # it says nothing
                await asyncio.create_task(failing(0.001))
        return "done"

    assert await once_waiting(work(), Watching()) == "done"


async def test_an_error_of_the_work_is_its_own() -> None:
    async def at_once() -> str:
        raise KeyError

    async def later() -> str:
        await asyncio.sleep(0)
        raise KeyError

    for work in (at_once(), later()):
        with pytest.raises(KeyError):
            await once_waiting(work, Watching())


async def test_work_that_waits_too_long_is_cancelled_and_may_tidy_up() -> None:
    tidied = False

    async def work() -> str:
        nonlocal tidied
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            tidied = True
        return "done"

    with pytest.raises(TimeoutError):
        await once_waiting(work(), Watching())
    assert tidied
