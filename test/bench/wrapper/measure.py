"""Microseconds that tracking adds to a call and to a chunk, beside the official automatic instrumentation. No network."""

import json
import statistics
import sys
import time

try:
    import httpx2 as httpx
except ImportError:
    import httpx
from openai import OpenAI
from openai.resources.chat.completions import Completions
from opentelemetry import metrics, trace
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from prompt_cost import swallowed_errors, tracked

CHUNKS = 2000


class Nowhere(SpanExporter):
    def export(self, spans):
        return SpanExportResult.SUCCESS

    def shutdown(self):
        pass


provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(Nowhere()))
trace.set_tracer_provider(provider)
metrics.set_meter_provider(MeterProvider([InMemoryMetricReader()]))
usage = {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050, "prompt_tokens_details": {"cached_tokens": 512}}
answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o-2024-08-06", "usage": usage}
answer["choices"] = [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}]
chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-2024-08-06"}


def line(delta, finish=None):
    return "data: " + json.dumps({**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}) + "\n\n"


stream = (line({"content": "x"}) * CHUNKS + line({}, "stop") + "data: " + json.dumps({**chunk, "choices": [], "usage": usage}) + "\n\ndata: [DONE]\n\n").encode()


def respond(request):
    if b'"stream":true' in request.content.replace(b" ", b""):
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=stream)
    return httpx.Response(200, json=answer)


client = OpenAI(api_key="k", base_url="http://127.0.0.1:1/v1", max_retries=0, http_client=httpx.Client(transport=httpx.MockTransport(respond)))
messages = [{"role": "user", "content": "hi"}]
instrumentor = OpenAIInstrumentor()
ways = {
    "bare": lambda **more: client.chat.completions.create(model="gpt-4o", messages=messages, **more),
    "tracked": lambda **more: tracked(client.chat.completions, feature="f", user_id="u", team="t").create(model="gpt-4o", messages=messages, **more),
    "automatic": lambda **more: client.chat.completions.create(model="gpt-4o", messages=messages, **more),
}


def timed(make, count):
    started = time.perf_counter()
    for _ in range(count):
        make()
    return (time.perf_counter() - started) / count * 1e6


def read(make):
    for _ in make(stream=True):
        pass


calls = {name: [] for name in ways}
chunks = {name: [] for name in ways}
for round in range(int(sys.argv[1])):
    for name, make in ways.items():
        if name == "automatic":
            instrumentor.instrument()
        calls[name].append(timed(make, 50))
        chunks[name].append(timed(lambda: read(make), 2) / CHUNKS)
        if name == "automatic":
            instrumentor.uninstrument()
added = lambda figures, name: statistics.median(one - bare for one, bare in zip(figures[name][1:], figures["bare"][1:]))
print(json.dumps({name: {"call": added(calls, name), "chunk": added(chunks, name)} for name in ("tracked", "automatic")} | {"swallowed": swallowed_errors}))
