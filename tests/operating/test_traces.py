"""Traces: which spans there are, what they say, and where they go."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from typing_extensions import override

from tests.support.databases import Databases
from tests.support.servers import PATIENCE_S, ROOT, environment, served

DAG = 'query Dag { dag(dagId: "fx_chain") { dagId runs(first: 1) { totalCount } } }'
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@contextmanager
def collector() -> Iterator[tuple[str, list[Any]]]:
    """A collector: its address, and the spans that it has got, with their service."""
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                self.send_error(415)
                return
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                named = attributes(group.resource)["service.name"]
                for scope in group.scope_spans:
                    spans.extend((named, span) for span in scope.spans)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        @override
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", spans
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def attributes(one: Any) -> dict[str, Any]:
    """The attributes of a span or a resource."""
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value"))
        for each in one.attributes
    }


def test_an_operation_is_a_span_and_each_statement_one_in_it(
    name: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collector() as (address, spans):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        with served(databases.address(name)) as server:
            server.ask(DAG, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
            server.stopped()

    ours = [span for _, span in spans if span.trace_id.hex() == TRACE]
    (operation,) = (span for span in ours if span.parent_span_id.hex() == PARENT)
    assert {service for service, _ in spans} == {"dagway"}
    assert operation.name == "query"
    said = attributes(operation)
    assert said["graphql.operation.name"] == "Dag"
    assert said["graphql.operation.type"] == "query"
    assert said["dagway.outcome"] == "ok"
    statements = [one for one in ours if one.parent_span_id == operation.span_id]
    assert len(statements) == 2
    for one in statements:
        said = attributes(one)
        assert said["db.system.name"] == name.rpartition("-")[2]
        assert said["db.query.text"].lstrip().startswith(("SELECT", "WITH"))
        assert "fx_chain" not in str(one)
        assert operation.start_time_unix_nano <= one.start_time_unix_nano
        assert one.start_time_unix_nano < one.end_time_unix_nano
        assert one.end_time_unix_nano <= operation.end_time_unix_nano


SLOW = "SELECT pg_sleep(60) IS NOT NULL"
WRONG = "SELECT 1 / (length(pool) - length(pool)) = 1"


@pytest.mark.parametrize(
    ("body", "statement_s", "operation_s", "error", "outcome"),
    [
        (WRONG, "8", "10", "DivisionByZeroError", "failed"),
        (SLOW, "0.5", "10", "QueryCanceledError", "refused"),
        (SLOW, "8", "0.5", "CancelledError", "refused"),
    ],
)
def test_a_statement_that_fails_or_is_stopped_is_a_span_and_counts(
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    statement_s: str,
    operation_s: str,
    error: str,
    outcome: str,
) -> None:
    address = databases.copy("3.3.2-postgresql")
    databases.write(
        address,
        f"""CREATE FUNCTION met(pool text) RETURNS boolean LANGUAGE sql AS $$ {body} $$;
            ALTER TABLE slot_pool RENAME TO slot_pool_kept;
            CREATE VIEW slot_pool AS SELECT * FROM slot_pool_kept WHERE met(pool)""",
    )
    with collector() as (to, spans):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", to)
        with served(
            address,
            DAGWAY_STATEMENT_TIMEOUT=statement_s,
            DAGWAY_OPERATION_TIMEOUT=operation_s,
        ) as server:
            asked = {"query": "{ pools { id } }"}
            httpx.post(server.url, json=asked, timeout=PATIENCE_S)
            counts = httpx.get(
                server.url.replace("/graphql", "/metrics"), timeout=PATIENCE_S
            ).text
            server.stopped()

    (operation,) = (
        span for _, span in spans if attributes(span).get("dagway.outcome") == outcome
    )
    (statement,) = (
        span for _, span in spans if span.parent_span_id == operation.span_id
    )
    assert statement.status.code == statement.status.STATUS_CODE_ERROR
    assert attributes(statement)["error.type"] == error
    assert "slot_pool" in attributes(statement)["db.query.text"]
    assert statement.start_time_unix_nano < statement.end_time_unix_nano
    assert "\ndagway_sql_statements_failed_total 1.0\n" in counts


def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    script = (
        "import sys, dagway.app, dagway.__main__\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"
