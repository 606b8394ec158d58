"""One tracked call under a fault that the first argument names; prints what it returned and what was told."""

import json
import os
import sys

fault, url = sys.argv[1:3]
if fault == "no-opentelemetry":
    sys.modules["opentelemetry"] = None
if fault == "broken-prices":
    import types

    sys.modules["prompt_cost_prices"] = types.SimpleNamespace(PRICES={"table": None})

from openai import AzureOpenAI, OpenAI

spans = []
if fault != "no-opentelemetry":
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    if fault == "exporter-down":
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint="http://127.0.0.1:9/v1/traces", timeout=1)))
    if fault != "not-set-up":
        trace.set_tracer_provider(provider)
    if fault == "shut-down":
        provider.shutdown()
    if fault == "tracer-raises":
        trace.get_tracer = lambda *_: (_ for _ in ()).throw(RuntimeError("no tracer"))
    if fault == "automatic":
        from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

        OpenAIInstrumentor().instrument()

import prompt_cost

if fault == "redact-raises":
    prompt_cost.redact = lambda text: 1 / 0
make = (lambda: AzureOpenAI(base_url=url + "/openai", api_key="k", api_version="2024-10-21")) if fault == "azure" else (lambda: OpenAI(base_url=url, api_key="sk-test", max_retries=0))
client = make()
if fault == "automatic":
    assert "FunctionWrapper" in type(client.chat.completions.create).__name__, "the instrumentation has patched nothing"
text = "mail ann@example.com or call +49 30 1234567, card 4111 1111 1111 1111, key sk-abcdefghijklmnop"
answer = prompt_cost.tracked(client.chat.completions, feature="f", user_id="u").create(model="gpt-4o", messages=[{"role": "user", "content": text}])
if fault not in ("no-opentelemetry",):
    spans = [dict(span.attributes) for span in memory.get_finished_spans()]
print(json.dumps({"said": answer.choices[0].message.content, "spans": spans, "swallowed": sum(prompt_cost.swallowed_errors.values())}))
os._exit(0) if fault == "exporter-down" else None
