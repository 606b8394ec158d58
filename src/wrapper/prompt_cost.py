"""Tells OpenTelemetry what each tracked call to OpenAI spends: tokens, cost, latency, and whose it is.

Written by Prompt Cost Lens, version 1, and replaced as a whole by "Prompt Cost: Update Wrapper": change it there.
`tracked(client.chat.completions, feature="…")` is `client.chat.completions` for all that it does and returns; whatever
goes wrong in here is counted in `swallowed_errors` and never reaches the call.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import json
import os
import re
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar, cast

from prompt_cost_prices import PRICES

try:
    from opentelemetry import context as otel_context
    from opentelemetry import metrics, trace
except ImportError:  # Without OpenTelemetry, calls are made and nothing is told.
    trace = None  # type: ignore[assignment]

__all__ = ["cost_usd", "mask", "swallowed_errors", "tracked"]

T = TypeVar("T")
METHODS = ("create", "parse", "stream")
#: Errors of telemetry that no call ever saw, by their type.
swallowed_errors: dict[str, int] = {}
#: What prompts and answers pass through, where they are captured at all; put a function of your own here.
redact: Callable[[str], str] = lambda text: mask(text)
_told: set[str] = set()
_instruments: dict[str, Any] = {}


def tracked(api: T, *, feature: str, user_id: object = None, team: str | None = None, environment: str | None = None) -> T:
    """The API (`client.chat.completions`, `client.responses`…), whose calls say what they spend.

    `user_id` is hashed with the key in PROMPT_COST_USER_KEY; `team` and `environment` default to PROMPT_COST_TEAM and
    PROMPT_COST_ENVIRONMENT.
    """
    if trace is None:
        return api
    who = {
        "feature": feature,
        "user_id": user_id,
        "team": team or os.environ.get("PROMPT_COST_TEAM"),
        "environment": environment or os.environ.get("PROMPT_COST_ENVIRONMENT"),
    }
    return cast(T, _Tracked(api, who, sys._getframe(1)))


class _Tracked:
    """Stands for an API; only the methods that spend are its own."""

    def __init__(self, api: Any, who: dict[str, Any], frame: Any) -> None:
        self._api, self._who = api, who
        self._place = _quietly(_place_of, frame) or {}

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._api, name)
        if name not in METHODS or not callable(value):
            return value
        return lambda *args, **kwargs: _make(self._api, _original(value), name, args, kwargs, {**self._who, **self._place})


def _make(api: Any, method: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any], who: dict[str, Any]) -> Any:
    call = _quietly(_Call, api, name, kwargs, who)
    if call is None:
        return method(*args, **kwargs)
    try:
        with call.current():
            result = method(*args, **call.kwargs)
    except BaseException as error:
        _quietly(call.fail, error)
        raise
    if inspect.isawaitable(result):
        return _awaited(call, result)
    _quietly(call.answer, result)
    return result


async def _awaited(call: _Call, waiting: Awaitable[Any]) -> Any:
    try:
        with call.current():
            result = await waiting
    except BaseException as error:
        _quietly(call.fail, error)
        raise
    _quietly(call.answer, result)
    return result


class _Current:
    """Makes the call's span the current one; without it the call is made all the same."""

    def __init__(self, span: Any) -> None:
        self._span = span
        self._token: Any = None

    def __enter__(self) -> None:
        self._token = _quietly(lambda: otel_context.attach(trace.set_span_in_context(self._span)))

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _quietly(otel_context.detach, self._token)


class _Call:
    """One call, from its start to the end of its answer."""

    def __init__(self, api: Any, method: str, kwargs: dict[str, Any], who: dict[str, Any]) -> None:
        self.kwargs = kwargs
        self._ended = False
        self._hides_usage = False
        self._first_token: float | None = None
        self._usage: dict[str, Any] = {}
        self._said: list[str] | None = [] if _captures() else None
        path = type(api).__module__
        self._operation = "embeddings" if "embeddings" in path else "chat"
        self._model = str(kwargs.get("model") or "unknown")
        self._provider = "azure.ai.openai" if "azure" in type(getattr(api, "_client", api)).__name__.lower() else "openai"
        streams = kwargs.get("stream") is True or method == "stream"
        if streams and "completions" in path and not isinstance(kwargs.get("stream_options"), dict):
            # Usage comes only where it is asked for; the caller did not decide, and will not see the chunk.
            self.kwargs, self._hides_usage = {**kwargs, "stream_options": {"include_usage": True}}, True
        self._attributes: dict[str, Any] = {
            "gen_ai.operation.name": self._operation,
            "gen_ai.provider.name": self._provider,
            "gen_ai.request.model": self._model,
            "gen_ai.request.temperature": _number(kwargs.get("temperature")),
            "gen_ai.request.max_tokens": _number(kwargs.get("max_completion_tokens") or kwargs.get("max_tokens") or kwargs.get("max_output_tokens")),
            "gen_ai.response.streaming": True if streams else None,
            **{name: value for name, value in who.items() if name != "user_id"},
            "user_id": _hashed(who.get("user_id")),
        }
        if self._said is not None:
            self._attributes["gen_ai.input.messages"] = _messages(kwargs.get("messages") or kwargs.get("input"), "user")
        self._span = trace.get_tracer("prompt-cost-lens", "1").start_span(f"{self._operation} {self._model}", kind=trace.SpanKind.CLIENT, attributes=_present(self._attributes))
        self._started = time.perf_counter()

    def current(self) -> _Current:
        return _Current(self._span)

    def answer(self, result: Any) -> None:
        """Reads what the call returned; a stream is read as its caller reads it."""
        if hasattr(result, "__stream__") or (hasattr(result, "_iterator") and hasattr(result, "response")):
            _follow(self, result)
        elif type(result).__name__.endswith("StreamManager"):
            _follow_manager(self, result)
        else:
            parse = getattr(result, "parse", None)
            # A raw response keeps what it has parsed: its caller's own `parse` finds it there.
            self.read(parse() if callable(parse) and not hasattr(result, "usage") else result)
            self.end()

    def read(self, message: Any) -> None:
        """Takes what a response, or a chunk of one, says of itself."""
        message = getattr(message, "response", None) if str(getattr(message, "type", "")).startswith("response.") else message
        usage = getattr(message, "usage", None)
        if usage is not None:
            self._usage = _usage_of(usage)
        if self._said is not None:
            self._said.extend(_texts_of(message))
        note = self._attributes
        note["gen_ai.response.model"] = getattr(message, "model", None) or note.get("gen_ai.response.model")
        note["gen_ai.response.id"] = getattr(message, "id", None) or note.get("gen_ai.response.id")
        self._tier = getattr(message, "service_tier", None) or getattr(self, "_tier", None)
        reasons = [choice.finish_reason for choice in getattr(message, "choices", None) or [] if getattr(choice, "finish_reason", None)]
        if not reasons and getattr(message, "status", None) in ("completed", "incomplete", "failed"):
            reasons = [message.status]
        if reasons:
            note["gen_ai.response.finish_reasons"] = [*(note.get("gen_ai.response.finish_reasons") or []), *reasons]

    def chunk(self, chunk: Any) -> bool:
        """Takes a chunk; false where the caller would not expect it."""
        if self._first_token is None and _has_content(chunk):
            self._first_token = time.perf_counter()
        choices = getattr(chunk, "choices", None)
        if self._said is not None:
            self._said.extend([choice.delta.content for choice in choices or [] if choice.delta and choice.delta.content])
        if choices is None or getattr(chunk, "usage", None) is not None or any(choice.finish_reason for choice in choices) or "gen_ai.response.id" not in self._attributes:
            self.read(chunk)
        return not (self._hides_usage and choices == [] and getattr(chunk, "usage", None) is not None)

    def fail(self, error: BaseException) -> None:
        status = getattr(error, "status_code", None)
        self._attributes["error.type"] = type(error).__name__
        self._attributes["http.response.status_code"] = status
        if status == 429:
            self._attributes["gen_ai.response.error.type"] = "rate_limit_exceeded"
        self.end(failed=True)

    def end(self, *, failed: bool = False, incomplete: bool = False) -> None:
        if self._ended:
            return
        self._ended = True
        seconds = time.perf_counter() - self._started
        usage, note = self._usage, self._attributes
        model = str(note.get("gen_ai.response.model") or self._model)
        cost = cost_usd(model, usage, getattr(self, "_tier", None) or self.kwargs.get("service_tier")) if usage else None
        note.update(usage)
        note["gen_ai.latency.duration_ms"] = seconds * 1000
        if self._first_token is not None:
            note["gen_ai.latency.ttft_ms"] = (self._first_token - self._started) * 1000
            note["gen_ai.response.time_to_first_chunk"] = self._first_token - self._started
        if incomplete:
            note["prompt_cost.incomplete"] = True
        if self._said:
            note["gen_ai.output.messages"] = _messages("".join(self._said), "assistant")
        if cost is not None:
            note["gen_ai.usage.cost_usd"] = note["gen_ai.usage.cost"] = cost
        elif not failed:
            note["gen_ai.usage.cost_usd"], note["prompt_cost.unpriced"] = 0.0, True
        try:
            self._span.set_attributes(_present(note))
            if failed:
                self._span.set_status(trace.StatusCode.ERROR)
        finally:
            self._span.end()
        self._measure(seconds, cost, failed)

    def _measure(self, seconds: float, cost: float | None, failed: bool) -> None:
        names = ("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model", "feature", "team", "environment", "error.type")
        labels = _present({name: self._attributes.get(name) for name in names})
        _instrument("gen_ai.client.operation.duration", "s").record(seconds, labels)
        for kind in ("input", "output"):
            tokens = self._usage.get(f"gen_ai.usage.{kind}_tokens")
            if tokens is not None:
                _instrument("gen_ai.client.token.usage", "{token}").record(tokens, {**labels, "gen_ai.token.type": kind})
        if cost is not None:
            _instrument("gen_ai.usage.cost_usd", "USD").record(cost, labels)
        elif not failed:
            _instrument("gen_ai.usage.unpriced_calls", "{call}").add(1, {"gen_ai.request.model": self._model})


def _follow(call: _Call, stream: Any) -> None:
    """Looks at each chunk as it passes; the caller keeps the very stream that the client made."""
    source, close = stream._iterator, stream.close
    if hasattr(source, "__anext__"):
        stream._iterator = _async_chunks(call, source)

        async def closing() -> None:
            try:
                await close()
            finally:
                _quietly(lambda: call.end(incomplete=True))

        stream.close = closing
        return
    stream._iterator = _chunks(call, source)

    def closing_now() -> None:
        try:
            close()
        finally:
            _quietly(lambda: call.end(incomplete=True))

    stream.close = closing_now


def _chunks(call: _Call, source: Iterator[Any]) -> Iterator[Any]:
    try:
        for chunk in source:
            if _quietly(call.chunk, chunk) is not False:
                yield chunk
        _quietly(call.end)
    except GeneratorExit:
        raise
    except BaseException as error:
        _quietly(call.fail, error)
        raise
    finally:
        _quietly(lambda: call.end(incomplete=True))


async def _async_chunks(call: _Call, source: Any) -> Any:
    try:
        async for chunk in source:
            if _quietly(call.chunk, chunk) is not False:
                yield chunk
        _quietly(call.end)
    except GeneratorExit:
        raise
    except BaseException as error:
        _quietly(call.fail, error)
        raise
    finally:
        _quietly(lambda: call.end(incomplete=True))


def _follow_manager(call: _Call, manager: Any) -> None:
    """`client.chat.completions.stream(…)`: the request is made on entering, and its raw stream is followed from there."""
    name = "_api_request" if hasattr(manager, "_api_request") else next(key for key in vars(manager) if key.endswith("__api_request"))
    request = getattr(manager, name)
    if inspect.isawaitable(request):

        async def awaited() -> Any:
            return _followed(call, await request)

        setattr(manager, name, awaited())
    else:
        setattr(manager, name, lambda: _followed(call, request()))


def _followed(call: _Call, stream: Any) -> Any:
    _quietly(_follow, call, stream)
    return stream


def cost_usd(model: str, usage: dict[str, Any], tier: str | None = None) -> float | None:
    """What a call costs in USD, by the workspace's pricing table; None where it has no price. Cached tokens are part of the input."""
    for rows in (PRICES["table"], PRICES["catalogue"]):
        row = next((rows[name] for name in _candidates(model) if name in rows), None)
        if row is None:
            continue
        factor = row["factors"].get("default" if tier in (None, "", "auto", "standard") else tier)
        if factor is None:
            return None
        tokens = int(usage.get("gen_ai.usage.input_tokens") or 0)
        above = row.get("above")
        price = above if above is not None and tokens > above["inputTokens"] else row
        cached = min(int(usage.get("gen_ai.usage.cache_read.input_tokens") or 0), tokens)
        output = int(usage.get("gen_ai.usage.output_tokens") or 0)
        if price["output"] is None and output > 0:
            return None
        return _usd(tokens - cached, price["input"] * factor) + _usd(cached, price["cachedInput"] * factor) + _usd(output, (price["output"] or 0) * factor)
    return None


def _usd(tokens: int, per_million: float) -> float:
    # Rounded half up to a millionth of a millionth, as the extension does: sums carry no noise of binary fractions.
    return int(tokens * per_million * 1e6 + 0.5) / 1e12


def _candidates(model: str) -> list[str]:
    name = model.strip().lower()
    bare = re.sub(r"^openai/", "", name)
    tuned = re.match(r"ft:([^:]+)", bare)
    dated = re.compile(r"-(\d{4}-\d{2}-\d{2}|0[1-9]\d{2}|1[0-2]\d{2})$")
    bases = [bare, dated.sub("", bare)] if tuned is None else [f"ft:{tuned[1]}", f"ft:{dated.sub('', tuned[1])}"]
    return [name, bare, *bases]


def _usage_of(usage: Any) -> dict[str, Any]:
    def details(name: str, field: str) -> Any:
        return getattr(getattr(usage, name, None), field, None)

    def first(*values: Any) -> Any:
        return next((value for value in values if value is not None), None)

    return _present({
        "gen_ai.usage.input_tokens": first(getattr(usage, "prompt_tokens", None), getattr(usage, "input_tokens", None)),
        "gen_ai.usage.output_tokens": first(getattr(usage, "completion_tokens", None), getattr(usage, "output_tokens", None)),
        "gen_ai.usage.cache_read.input_tokens": first(details("prompt_tokens_details", "cached_tokens"), details("input_tokens_details", "cached_tokens")),
        "gen_ai.usage.reasoning.output_tokens": first(details("completion_tokens_details", "reasoning_tokens"), details("output_tokens_details", "reasoning_tokens")),
    })


def _has_content(chunk: Any) -> bool:
    choices = getattr(chunk, "choices", None)
    if choices is None:
        return str(getattr(chunk, "type", "")).endswith(".delta")
    return any(choice.delta is not None and (choice.delta.content or choice.delta.tool_calls) for choice in choices)


_MASKS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b(?:sk|pk|rk|ghp|gho|xox[abp]|AKIA)[-_]?[A-Za-z0-9_-]{12,}"), "[key]"),
    (re.compile(r"\b\d(?:[ -]?\d){12,18}\b"), "[card]"),
    (re.compile(r"(?<![\w.])\+?\d[\d ().-]{7,}\d\b"), "[phone]"),
)


def mask(text: str) -> str:
    """The text without e-mail addresses, keys, card and phone numbers, as far as they can be told by their looks."""
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return text


def _captures() -> bool:
    return os.environ.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "").lower() in ("true", "span_only", "span_and_event")


def _messages(given: Any, role: str) -> str:
    messages = given if isinstance(given, list) else [given]

    def read(message: Any) -> dict[str, Any]:
        content = message.get("content") if isinstance(message, dict) else message
        parts = content if isinstance(content, list) else [content]
        texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
        said = message.get("role", role) if isinstance(message, dict) else role
        return {"role": said, "parts": [{"type": "text", "content": redact(text)} for text in texts if isinstance(text, str)]}

    return json.dumps([read(message) for message in messages])


def _texts_of(message: Any) -> list[str]:
    texts = [getattr(getattr(choice, "message", None), "content", None) for choice in getattr(message, "choices", None) or []]
    return [text for text in [*texts, getattr(message, "output_text", None)] if isinstance(text, str) and text]


def _hashed(user: object) -> str | None:
    if user is None:
        return None
    key = os.environ.get("PROMPT_COST_USER_KEY")
    if not key:
        _tell("PROMPT_COST_USER_KEY is not set: calls are told without their user.")
        return None
    return hmac.new(key.encode(), str(user).encode(), hashlib.sha256).hexdigest()


def _place_of(frame: Any) -> dict[str, Any]:
    code = frame.f_code
    name = getattr(code, "co_qualname", code.co_name)
    return {"code.file.path": os.path.relpath(code.co_filename).replace(os.sep, "/"), "code.function.name": name, "code.line.number": frame.f_lineno}


def _original(method: Callable[..., Any]) -> Callable[..., Any]:
    """The client's own method, where an automatic instrumentation (wrapt) has patched it: one call is one span."""
    while type(method).__module__.split(".")[0] in ("wrapt", "_wrappers") or "FunctionWrapper" in type(method).__name__:
        method = cast(Any, method).__wrapped__
    return method


def _instrument(name: str, unit: str) -> Any:
    if name not in _instruments:
        meter = metrics.get_meter("prompt-cost-lens", "1")
        _instruments[name] = meter.create_counter(name, unit) if name.endswith("_calls") else meter.create_histogram(name, unit)
    return _instruments[name]


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _tell(text: str) -> None:
    if text not in _told:
        _told.add(text)
        warnings.warn(text, RuntimeWarning, stacklevel=2)


def _quietly(run: Callable[..., T], *args: Any) -> T | None:
    """Runs telemetry; its errors are counted, and never the caller's."""
    try:
        return run(*args)
    except Exception as error:  # noqa: BLE001
        swallowed_errors[type(error).__name__] = swallowed_errors.get(type(error).__name__, 0) + 1
        return None
