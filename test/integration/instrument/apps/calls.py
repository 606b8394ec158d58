"""Every shape of call to OpenAI, bare: the test has the command track them. A prompt begins with its function's name."""

import asyncio
from functools import partial

MODEL = "gpt-4o"


def ask(text):
    return [{"role": "user", "content": text}]


def joined(stream):
    return [(chunk.choices[0].delta.content if chunk.choices else "USAGE") for chunk in stream]


def plain(client):
    answer = client.chat.completions.create(
        model=MODEL,
        messages=ask("plain: cached reasoning"),  # a comment, to stay
        temperature=0.5,
        max_tokens=60,
    )
    return answer.choices[0].message.content


def partly(client):
    make = partial(client.chat.completions.create, model=MODEL)
    return make(messages=ask("partly")).choices[0].message.content


def several(client):
    return len(client.chat.completions.create(model=MODEL, messages=ask("several"), n=2).choices)


def tools(client):
    answer = client.chat.completions.create(model=MODEL, messages=ask("tools"), tools=[])
    return answer.choices[0].message.tool_calls[0].function.name


def flex(client):
    return client.chat.completions.create(model="o3", messages=ask("flex"), service_tier="flex").choices[0].message.content


def streamed(client):
    return joined(client.chat.completions.create(model=MODEL, messages=ask("streamed"), stream=True))


def streamed_tools(client):
    stream = client.chat.completions.create(model=MODEL, messages=ask("streamed_tools"), stream=True)
    return [chunk.choices[0].finish_reason for chunk in stream][-1]


def asked(client):
    options = {"include_usage": True}
    return joined(client.chat.completions.create(model=MODEL, messages=ask("asked"), stream=True, stream_options=options))


def obfuscated(client):
    options = {"include_obfuscation": False}
    return joined(client.chat.completions.create(model=MODEL, messages=ask("obfuscated"), stream=True, stream_options=options))


def declined(client):
    options = {"include_usage": False}
    return joined(client.chat.completions.create(model=MODEL, messages=ask("declined"), stream=True, stream_options=options))


def old_server(client):
    return joined(client.chat.completions.create(model="gpt-4o-mini", messages=ask("old_server"), stream=True))


def closed(client):
    stream = client.chat.completions.create(model=MODEL, messages=ask("closed"), stream=True)
    next(iter(stream))
    stream.close()
    return type(stream).__name__


def left(client):
    for chunk in client.chat.completions.create(model=MODEL, messages=ask("left"), stream=True):
        return chunk.choices[0].delta.content


def unread(client):
    with client.chat.completions.create(model=MODEL, messages=ask("unread"), stream=True) as stream:
        return type(stream).__name__


def dropped(client):
    client.chat.completions.create(model=MODEL, messages=ask("dropped"), stream=True)
    return "dropped"


def broken(client):
    return joined(client.chat.completions.create(model=MODEL, messages=ask("broken: hang up"), stream=True))


def limited(client):
    return client.chat.completions.create(model=MODEL, messages=ask("limited: 429"))


def timed_out(client):
    return client.with_options(timeout=0.2).chat.completions.create(model=MODEL, messages=ask("timed_out: never"))


def failed(client):
    return client.chat.completions.create(model=MODEL, messages=ask("failed: 500"))


def wrong(client):
    return client.chat.completions.create(model=MODEL, messages=ask("wrong"), no_such_argument=1)


def unknown(client):
    return client.chat.completions.create(model="my-model", messages=ask("unknown")).choices[0].message.content


def managed(client):
    with client.chat.completions.stream(model=MODEL, messages=ask("managed")) as stream:
        kinds = [event.type for event in stream]
        completion = stream.get_final_completion()
        return [kinds[-1], completion.choices[0].message.content, completion.usage is None]


def parsed(client):
    answer = client.chat.completions.parse(model=MODEL, messages=ask("parsed"))
    return answer.choices[0].message.content


def raw(client):
    response = client.chat.completions.with_raw_response.create(model=MODEL, messages=ask("raw"))
    return [response.parse().choices[0].message.content, response.headers["x-request-id"]]


def raw_stream(client):
    response = client.chat.completions.with_raw_response.create(model=MODEL, messages=ask("raw_stream"), stream=True)
    return joined(response.parse())


def legacy(client):
    return client.completions.create(model="gpt-3.5-turbo-instruct", prompt="legacy").choices[0].text


def legacy_stream(client):
    stream = client.completions.create(model="gpt-3.5-turbo-instruct", prompt="legacy_stream", stream=True)
    return [(chunk.choices[0].text if chunk.choices else "USAGE") for chunk in stream]


def response(client):
    return client.responses.create(model="gpt-4o-mini", input="response: cached").output_text


def response_stream(client):
    return [event.type for event in client.responses.create(model="gpt-4o-mini", input="response_stream", stream=True)]


def response_managed(client):
    with client.responses.stream(model="gpt-4o-mini", input="response_managed") as stream:
        return stream.get_final_response().output_text


def response_parsed(client):
    return client.responses.parse(model="gpt-4o-mini", input="response_parsed").output_text


def embedded(client):
    return len(client.embeddings.create(model="text-embedding-3-small", input="embedded", encoding_format="float").data)


async def async_plain(client):
    return (await client.chat.completions.create(model=MODEL, messages=ask("async_plain"))).choices[0].message.content


async def async_streamed(client):
    stream = await client.chat.completions.create(model=MODEL, messages=ask("async_streamed"), stream=True)
    return [chunk.choices[0].delta.content async for chunk in stream]


async def async_old_server(client):
    stream = await client.chat.completions.create(model="gpt-4o-mini", messages=ask("async_old_server"), stream=True)
    return [chunk.choices[0].delta.content async for chunk in stream]


async def async_managed(client):
    async with client.chat.completions.stream(model=MODEL, messages=ask("async_managed")) as stream:
        return (await stream.get_final_completion()).choices[0].message.content


async def async_raw(client):
    answer = await client.chat.completions.with_raw_response.create(model=MODEL, messages=ask("async_raw"))
    return answer.parse().choices[0].message.content


async def async_response(client):
    return (await client.responses.create(model="gpt-4o-mini", input="async_response")).output_text


async def async_limited(client):
    return await client.chat.completions.create(model=MODEL, messages=ask("async_limited: 429"))


async def async_cancelled(client):
    async def inner():
        async for _ in await client.chat.completions.create(model=MODEL, messages=ask("async_cancelled: slow"), stream=True):
            started.set()

    started = asyncio.Event()
    task = asyncio.ensure_future(inner())
    await started.wait()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"
