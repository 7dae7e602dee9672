"""Traces operations for OpenTelemetry: a span an operation, and in it one a statement.

Spans are made once an operation has ended, with the times that it noted. The SDK reads
its own variables: sampler, exporter, headers, limits. Import this module only where
traces are wanted; see `dagway.operating.tracing`.
"""

import time
from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.semconv.attributes.db_attributes import (
    DB_QUERY_TEXT,
    DB_SYSTEM_NAME,
)
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.trace import SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from typing_extensions import override

from dagway.operating.facts import FAILED, OK, Facts, Observer

_SERVICE = "dagway"
_PARENT = (b"traceparent", b"tracestate")
_LONG = 200


class Traces(Observer):
    """Traces operations.

    Attributes:
        provider: Of the spans; it must be shut down for the last ones to be sent.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider
        self._tracer: Tracer = provider.get_tracer("dagway")
        self._parents = TraceContextTextMapPropagator()

    @override
    def ended(self, facts: Facts) -> None:
        """Make an operation's spans."""
        if not facts.outcome:
            return
        since_epoch = time.time_ns() - time.perf_counter_ns()
        began = since_epoch + _ns(facts.began)
        span = self._tracer.start_span(
            facts.kind or "GraphQL Operation",
            self._parent(facts),
            SpanKind.SERVER,
            _attributes(facts),
            start_time=began,
        )
        if span.is_recording():
            self._statements(facts, set_span_in_context(span), since_epoch)
        if facts.outcome == FAILED:
            span.set_status(StatusCode.ERROR)
        span.end(began + _ns(facts.seconds))

    def _parent(self, facts: Facts) -> Context:
        """The span of who asked, as its headers say."""
        carrier = {
            name.decode(): value.decode("latin-1")
            for name, value in facts.headers
            if name in _PARENT
        }
        return self._parents.extract(carrier, Context())

    def _statements(self, facts: Facts, inside: Context, since_epoch: int) -> None:
        """A span each; their texts have placeholders for values."""
        if facts.session is None:
            return
        system = facts.session.dialect.name
        for one in facts.executed:
            began = since_epoch + _ns(one.began)
            attributes: dict[str, str | int] = {
                DB_SYSTEM_NAME: system,
                DB_QUERY_TEXT: one.sql,
                "db.response.returned_rows": one.rows,
            }
            span = self._tracer.start_span(
                "SELECT", inside, SpanKind.CLIENT, attributes, start_time=began
            )
            if one.error is not None:
                span.set_attribute(ERROR_TYPE, one.error)
                span.set_status(StatusCode.ERROR)
            span.end(began + _ns(one.seconds))


def _attributes(facts: Facts) -> dict[str, str | int]:
    found: dict[str, str | int] = {
        "dagway.operation.id": facts.id,
        "dagway.outcome": facts.outcome,
        "dagway.nodes": facts.nodes,
        "dagway.response.size": facts.size,
    }
    if facts.kind:
        found["graphql.operation.type"] = facts.kind
    if facts.name is not None:
        found["graphql.operation.name"] = facts.name[:_LONG]
    if facts.outcome != OK:
        found[ERROR_TYPE] = facts.code or facts.outcome
    return found


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)


def exporting(environ: Mapping[str, str]) -> Traces:
    """Traces that go to the collector which the environment names."""
    is_named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    resource = Resource.create({} if is_named else {"service.name": _SERVICE})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Traces(provider)
