"""Runs every function of calls.py with spans in memory and, where an endpoint is set, on their way there."""

import asyncio
import gc
import importlib
import inspect
import json
import os
import sys

from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

url, module, automatic = [*sys.argv[1:], None, None][:3]
memory, reader = InMemorySpanExporter(), InMemoryMetricReader()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
metrics.set_meter_provider(MeterProvider([reader]))
if automatic:
    importlib.import_module(automatic).OpenAIInstrumentor().instrument()
    assert "FunctionWrapper" in type(OpenAI(api_key="k").chat.completions.create).__name__, "the instrumentation has patched nothing"

calls = importlib.import_module(module)
inside = []


def note(_):
    inside.append(f"{trace.get_current_span().get_span_context().span_id:016x}")


async def note_async(request):
    note(request)


options = {"base_url": url, "api_key": "sk-test", "max_retries": 0}
client = OpenAI(**options, http_client=DefaultHttpxClient(event_hooks={"request": [note]}))
async_client = AsyncOpenAI(**options, http_client=DefaultAsyncHttpxClient(event_hooks={"request": [note_async]}))
said = {}


def run(name, make):
    try:
        said[name] = make()
    except Exception as error:
        said[name] = type(error).__name__


functions = {name: one for name, one in vars(calls).items() if inspect.isfunction(one) and one.__module__ == module and name not in ("ask", "joined")}
for name, function in functions.items():
    if not inspect.iscoroutinefunction(function):
        run(name, lambda: function(client))
        # A stream that was left is closed when it is collected: within another request, httpcore would wait for itself.
        gc.collect()


async def run_async():
    for name, function in functions.items():
        if inspect.iscoroutinefunction(function):
            try:
                said[name] = await function(async_client)
            except Exception as error:
                said[name] = type(error).__name__
    await async_client.close()


asyncio.run(run_async())
with trace.get_tracer("app").start_as_current_span("outer") as outer:
    calls.plain(client)
gc.collect()
provider.force_flush()
outer_id = outer.get_span_context().span_id
spans = [
    {
        "id": f"{span.get_span_context().span_id:016x}",
        "name": span.name,
        "kind": span.kind.name,
        "status": span.status.status_code.name,
        "isChild": span.parent is not None and span.parent.span_id == outer_id,
        "attributes": dict(span.attributes),
    }
    for span in memory.get_finished_spans()
    if span.name != "outer"
]
points = {}
measured = reader.get_metrics_data()
for scope in measured.resource_metrics[0].scope_metrics if measured else []:
    if scope.scope.name == "prompt-cost-lens":
        for metric in scope.metrics:
            points[metric.name] = sorted({key for point in metric.data.data_points for key in point.attributes})
wrapper = sys.modules.get("prompt_cost")
print(json.dumps({"said": said, "spans": spans, "inside": inside, "metrics": points, "swallowed": wrapper.swallowed_errors if wrapper else {}}))
