"""Traces, where OpenTelemetry's variables ask for them; else it is not loaded."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from dagway.operating.facts import Observer, Observers

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@asynccontextmanager
async def traced(
    environ: Mapping[str, str], observer: Observer
) -> AsyncIterator[Observer]:
    """An observer that also traces, if a collector is named.

    As the block is left, what is not sent yet is sent.
    """
    if not any(environ.get(name, "").strip() for name in ENDPOINTS):
        yield observer
        return
    from dagway.operating.traces import exporting  # noqa: PLC0415  # loads the SDK

    traces = exporting(environ)
    try:
        yield Observers(observer, traces)
    finally:
        await asyncio.to_thread(traces.provider.shutdown)
