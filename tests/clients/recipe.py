"""Asks with gql, the client for Python; prints a DAG's name.

python recipe.py URL DAG_ID
"""

import sys

from gql import Client, gql
from gql.transport.httpx import HTTPXTransport

QUERY = gql("query Dag($dagId: ID!) { dag(dagId: $dagId) { displayName } }")


def main(url: str, dag_id: str) -> None:
    """Print what Airflow's pages call a DAG."""
    with Client(transport=HTTPXTransport(url=url)) as client:
        QUERY.variable_values = {"dagId": dag_id}
        print(client.execute(QUERY)["dag"]["displayName"])  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
