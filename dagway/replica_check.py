"""Says of replicas whether they are some: for `python -m dagway check`."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from metadb.address import read_address
from metadb.engine import create_engine
from metadb.standing import standing

_PATIENCE_S = 5.0


async def replica_lines(primary: AsyncEngine, addresses: Sequence[str]) -> list[str]:
    """A line for each replica of a primary: what it is, or why it will not be read."""
    found = await asyncio.gather(*(_unfit(primary, one) for one in addresses))
    return [
        f"Replica   {shown}" if unfit is None else f"Warning   {shown} {unfit}"
        for shown, unfit in zip(
            (read_address(one).shown for one in addresses), found, strict=True
        )
    ]


async def _unfit(primary: AsyncEngine, address: str) -> str | None:
    """Why a server cannot be read in a primary's place; None if it can."""
    engine = create_engine(address, pool_size=1)
    try:
        found = await standing(engine, _PATIENCE_S)
        return found.unfit(await standing(primary, _PATIENCE_S))
    except Exception as error:  # any driver's  # noqa: BLE001
        said = str(error) or type(error).__name__
        return f"cannot be asked: {said.splitlines()[0]}"
    finally:
        await engine.dispose()
