"""Arguments that say how many items are wanted; each names the limit that holds it.

Whoever sets the limits holds requests to them, before anything runs; see
`dagway.protection.inputs`.
"""

from typing import Annotated, Any

import strawberry

LIMIT = "limit"
"""In an argument's metadata: the name of its limit."""


def _held_to(limit: str) -> Any:
    return strawberry.argument(metadata={LIMIT: limit})


Size = Annotated[int | None, _held_to("page")]
Count = Annotated[int, _held_to("page")]
Instances = Annotated[int | None, _held_to("instances")]
Events = Annotated[int | None, _held_to("events")]
Versions = Annotated[int | None, _held_to("versions")]
Lines = Annotated[int, _held_to("lines")]
Ids = Annotated[list[strawberry.ID], _held_to("ids")]
