"""Asking a gateway as tests do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagway.operation import Answer, Gateway
from metadb.visibility import Visibility


@dataclass
class Asking:
    """Asks a gateway, and remembers what that took.

    Attributes:
        visible: What may be seen; None for all.
        answer: The last one.
    """

    gateway: Gateway
    visible: Visibility | None = None
    answer: Answer = field(init=False)

    async def __call__(
        self, document: str, variables: Mapping[str, Any] | None = None, /, **more: Any
    ) -> Any:
        """The data of an answer that has no errors."""
        given = {**(variables or {}), **more}
        self.answer = await self.gateway.answer(document, given, self.visible)
        assert not self.answer.errors, self.answer.errors
        return self.answer.data

    async def errors(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors of an answer."""
        self.answer = await self.gateway.answer(document, variables, self.visible)
        return self.answer.errors

    @property
    def statements(self) -> int:
        """How many statements the last answer took."""
        return len(self.answer.executed)
