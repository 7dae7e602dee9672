"""What the gateway did not expect is told as JSON, with an id."""

import logging
from typing import Any

import httpx
import pytest

from dagway.endpoint import Endpoint
from dagway.identity.principal import Principal
from dagway.operation import opened
from tests.support.databases import Databases


class Broken:
    """An identity that fails as nothing should."""

    async def principal(self, request: Any) -> Principal:
        """Nobody, ever."""
        del request
        message = "a secret of the inside"
        raise ZeroDivisionError(message)


async def test_a_fault_outside_an_operation_is_json_with_an_id_that_the_log_has(
    databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(databases.address("3.3.2-sqlite")) as gateway:
        transport = httpx.ASGITransport(Endpoint(gateway, identity=Broken()))
        async with httpx.AsyncClient(transport=transport) as client:
            with caplog.at_level(logging.ERROR):
                answer = await client.post(
                    "http://dagway/graphql", json={"query": "{ __typename }"}
                )
    assert answer.status_code == 500
    assert "secret" not in answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert error["extensions"]["errorId"] in caplog.text
    assert "a secret of the inside" in caplog.text
