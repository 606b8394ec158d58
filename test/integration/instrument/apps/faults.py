"""One call under a fault that the first argument names; prints what it returned and what was told."""

import json
import os
import sys

fault, url = sys.argv[1:3]
if fault == "no-opentelemetry":
    sys.modules["opentelemetry"] = None
elif fault == "opentelemetry-broken":
    import types

    sys.modules["opentelemetry"] = types.ModuleType("opentelemetry")

from openai import AzureOpenAI, OpenAI

memory = None
if not fault.endswith(("no-opentelemetry", "opentelemetry-broken")):
    from opentelemetry import context, metrics, trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    def fail(*_, **__):
        raise RuntimeError(fault)

    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    if fault == "exporter-down":
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint="http://127.0.0.1:9/v1/traces", timeout=1)))
    if fault == "processor-raises":
        provider.add_span_processor(type("Raising", (SpanProcessor,), {"on_start": fail, "on_end": fail})())
    if fault != "not-set-up":
        trace.set_tracer_provider(provider)
    if fault == "shut-down":
        provider.shutdown()
    if fault == "tracer-raises":
        trace.get_tracer = fail
    if fault == "context-raises":
        context.attach = fail
    if fault == "meter-raises":
        metrics.get_meter = fail
    if fault == "span-raises":
        Span.set_attributes = Span.set_status = Span.end = fail

import prompt_cost
from app import answer

if fault == "redact-raises":
    prompt_cost.redact = lambda text: 1 / 0
if fault == "azure":
    client = AzureOpenAI(base_url=url + "/openai", api_key="k", api_version="2024-10-21")
else:
    client = OpenAI(base_url=url, api_key="sk-test", max_retries=0)
text = "mail ann@example.com or call +49 30 1234567, card 4111 1111 1111 1111, key sk-abcdefghijklmnop"
said = answer(client, text, "u")
spans = [dict(span.attributes) for span in memory.get_finished_spans()] if memory else []
print(json.dumps({"said": said, "spans": spans, "swallowed": sum(prompt_cost.swallowed_errors.values())}))
sys.stdout.flush()
os._exit(0)
