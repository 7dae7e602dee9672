"""The audit that comes with the reference implementation of GraphQL over HTTP."""

import json

from tests.protocol import node
from tests.support.databases import Databases
from tests.support.servers import served

AUDITS = 61


def test_the_audit_of_graphql_over_http_has_nothing_to_say(
    databases: Databases,
) -> None:
    with served(databases.address("3.3.2-sqlite")) as server:
        results = json.loads(node.run("audit.js", server.url))

    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
