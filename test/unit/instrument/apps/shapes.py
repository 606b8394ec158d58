"""Every shape of call, tracked, against a local server; prints what the calls returned, as JSON."""

import asyncio
import json
import os
import sys
import warnings

from openai import AsyncOpenAI, OpenAI
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from prompt_cost import swallowed_errors, tracked

memory, reader = InMemorySpanExporter(), InMemoryMetricReader()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
metrics.set_meter_provider(MeterProvider([reader]))

client = OpenAI(base_url=sys.argv[1], api_key="sk-test", max_retries=0)
async_client = AsyncOpenAI(base_url=sys.argv[1], api_key="sk-test", max_retries=0)
said = {}


def ask(text):
    return [{"role": "user", "content": text}]


def run(name, make):
    try:
        said[name] = make()
    except Exception as error:
        said[name] = f"{type(error).__module__.split('.')[0]}.{type(error).__name__}"


def joined(stream):
    return [(chunk.choices[0].delta.content if chunk.choices else "USAGE") for chunk in stream]


def abandoned():
    stream = tracked(client.chat.completions, feature="abandoned").create(model="gpt-4o", messages=ask("streamed"), stream=True)
    next(iter(stream))
    stream.close()
    return type(stream).__name__


def managed():
    with tracked(client.chat.completions, feature="managed").stream(model="gpt-4o", messages=ask("streamed")) as stream:
        return [event.type for event in stream if event.type == "content.done"] + [stream.get_final_completion().choices[0].message.content]


chat = lambda feature: tracked(client.chat.completions, feature=feature, user_id="ann@example.com")
run("plain", lambda: chat("plain").create(model="gpt-4o", messages=ask("hi cached reasoning"), temperature=0.5, max_tokens=60).choices[0].message.content)
run("two", lambda: len(chat("two").create(model="gpt-4o", messages=ask("hi"), n=2).choices))
run("tools", lambda: chat("tools").create(model="gpt-4o", messages=ask("tools")).choices[0].message.tool_calls[0].function.name)
run("streamed", lambda: joined(chat("streamed").create(model="gpt-4o", messages=ask("streamed"), stream=True)))
run("asked", lambda: joined(chat("asked").create(model="gpt-4o", messages=ask("streamed"), stream=True, stream_options={"include_usage": True})))
run("declined", lambda: joined(chat("declined").create(model="gpt-4o", messages=ask("streamed"), stream=True, stream_options={"include_usage": False})))
run("abandoned", abandoned)
run("broken", lambda: joined(chat("broken").create(model="gpt-4o", messages=ask("hang up"), stream=True)))
run("limited", lambda: chat("limited").create(model="gpt-4o", messages=ask("429")))
run("failed", lambda: chat("failed").create(model="gpt-4o", messages=ask("500")))
run("managed", managed)
run("raw", lambda: tracked(client.chat.completions.with_raw_response, feature="raw").create(model="gpt-4o", messages=ask("hi")).parse().choices[0].message.content)
run("unknown", lambda: chat("unknown").create(model="my-model", messages=ask("hi")).choices[0].message.content)
run("response", lambda: tracked(client.responses, feature="response").create(model="gpt-4o-mini", input="hi cached").output_text)
run("response_stream", lambda: [event.type for event in tracked(client.responses, feature="response_stream").create(model="gpt-4o-mini", input="hi", stream=True)])
run("embedded", lambda: len(tracked(client.embeddings, feature="embedded").create(model="text-embedding-3-small", input="hi", encoding_format="float").data))


async def asynchronous():
    api = tracked(async_client.chat.completions, feature="async")
    said["async"] = (await api.create(model="gpt-4o", messages=ask("hi"))).choices[0].message.content
    stream = await tracked(async_client.chat.completions, feature="async_stream").create(model="gpt-4o", messages=ask("streamed"), stream=True)
    said["async_stream"] = [chunk.choices[0].delta.content async for chunk in stream]
    async with tracked(async_client.chat.completions, feature="async_managed").stream(model="gpt-4o", messages=ask("streamed")) as managed_stream:
        said["async_managed"] = (await managed_stream.get_final_completion()).choices[0].message.content


with warnings.catch_warnings():
    asyncio.run(asynchronous())
with trace.get_tracer("app").start_as_current_span("outer") as outer:
    chat("nested").create(model="gpt-4o", messages=ask("hi"))
    outer_id = outer.get_span_context().span_id
provider.force_flush()
spans = [{"name": span.name, "kind": span.kind.name, "status": span.status.status_code.name, "isChild": span.parent is not None and span.parent.span_id == outer_id, "attributes": dict(span.attributes)} for span in memory.get_finished_spans() if span.name != "outer"]
points = {metric.name: sorted({key for point in metric.data.data_points for key in point.attributes}) for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics for metric in scope.metrics}
print(json.dumps({"said": said, "spans": spans, "metrics": points, "swallowed": swallowed_errors}))
