"""Reports each tracked OpenAI call's tokens, cost, latency and attribution to OpenTelemetry.

Written by Prompt Cost Lens, version 5, and replaced as a whole by "Prompt Cost: Update Wrapper": change it there.
`tracked(client.chat.completions, feature="…")` is `client.chat.completions` for all that it does and returns; whatever
goes wrong in here is counted in `swallowed_errors` and never reaches the call.
"""

from __future__ import annotations

import copy
import hmac
import json
import logging
import os
import re
import sys
import time
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import cache, lru_cache, partial
from types import FunctionType
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

try:
    from opentelemetry import context as otel_context
    from opentelemetry import metrics, trace

    _HAS_TELEMETRY = True
except Exception:  # noqa: BLE001 - without OpenTelemetry, calls are made and nothing is told.
    _HAS_TELEMETRY = False

__all__ = ["cost_usd", "mask", "swallowed_errors", "tracked"]

T = TypeVar("T")
#: Errors of telemetry that no call ever saw, by their type.
swallowed_errors: dict[str, int] = {}
#: The project's folder, from this file's: paths of code are told relative to it.
_PROJECT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "."))
_METHODS = ("create", "parse", "stream")
_log = logging.getLogger(__name__)


def tracked(
    api: T, *, feature: str, user_id: object = None, team: str | None = None, environment: str | None = None
) -> T:
    """The API (`client.chat.completions`, `client.responses`…), whose calls say what they spend.

    `user_id` is hashed with the key in PROMPT_COST_USER_KEY; `team` and `environment` default to PROMPT_COST_TEAM and
    PROMPT_COST_ENVIRONMENT.
    """
    if not _HAS_TELEMETRY:
        return api
    who = {"feature": feature, "user_id": user_id, "team": team, "environment": environment}
    proxy = _quietly(_Tracked, api, who, sys._getframe(1))
    return api if proxy is None else cast(T, proxy)


class _Tracked:
    """Stands for an API; only the methods that spend are its own."""

    def __init__(self, api: Any, who: dict[str, Any], frame: Any) -> None:
        self._api: Any = api._api if isinstance(api, _Tracked) else api
        self._who = {**(_quietly(_place_of, frame) or {}), **who}

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            return getattr(self._api, name)
        method = _quietly(self._helper if name == "stream" else self._method, name)
        return getattr(self._api, name) if method is None else method

    def _method(self, name: str) -> Callable[..., Any]:
        return partial(_make, self._api, _unpatched(self._api, name), self._who)

    def _helper(self, name: str) -> Callable[..., Any]:
        """`.stream(…)` makes its request by the API's own `create`, on entering: that is the call which is tracked."""
        api = copy.copy(self._api)
        api.create = self._method("create")
        return _unpatched(api, name)


def _make(api: Any, method: Callable[..., Any], who: dict[str, Any], /, *args: Any, **kwargs: Any) -> Any:
    call = _quietly(_Call, api, kwargs, who)
    if call is None:
        return method(*args, **kwargs)
    token = _quietly(_attach, call.span)
    try:
        try:
            result = method(*args, **call.kwargs)
        except Exception as error:
            if not _quietly(call.asked_in_vain, error):
                raise
            result = method(*args, **kwargs)
    except BaseException as error:
        _quietly(call.fail, error)
        raise
    finally:
        if token is not None:
            _quietly(otel_context.detach, token)
    if hasattr(type(result), "__await__"):
        return _awaited(call, result, lambda: method(*args, **kwargs))
    _quietly(call.answer, result)
    return result


async def _awaited(call: _Call, waiting: Awaitable[Any], again: Callable[[], Awaitable[Any]]) -> Any:
    token = _quietly(_attach, call.span)
    try:
        try:
            result = await waiting
        except Exception as error:
            if not _quietly(call.asked_in_vain, error):
                raise
            result = await again()
    except BaseException as error:
        _quietly(call.fail, error)
        raise
    finally:
        if token is not None:
            _quietly(otel_context.detach, token)
    _quietly(call.answer, result)
    return result


def _attach(span: trace.Span) -> Any:
    """Makes a call's span the current one."""
    return otel_context.attach(trace.set_span_in_context(span))


class _Call:
    """One call, from its start to the end of its answer."""

    def __init__(self, api: Any, kwargs: dict[str, Any], who: dict[str, Any]) -> None:
        resource = _resource_of(api)
        host, provider, address = _server_of(getattr(resource, "_client", None))
        # A client of Azure's may ask through a gateway of one's own.
        self._sold_by = "openai.azure.com" if provider == "azure.ai.openai" else address
        self._is_raw = resource is not api
        self.kwargs = kwargs
        self._operation = _operation_of(resource.__class__.__module__)
        self._model = str(kwargs.get("model") or "unknown")
        self._tier = _text(kwargs.get("service_tier"))
        self._streams = kwargs.get("stream") is True
        # Usage comes only where it is asked for. Where the caller did not decide, the chunk is asked for and hidden;
        # a raw response can't hide it.
        self._hides_usage = (
            self._streams
            and not self._is_raw
            and _leaves_usage_open(resource, kwargs)
            and (host, self._model) not in _refusing
        )
        if self._hides_usage:
            options = kwargs.get("stream_options")
            asked = {**(options if isinstance(options, dict) else {}), "include_usage": True}
            self.kwargs = {**kwargs, "stream_options": asked}
        self._host = host
        self._usage: dict[str, Any] = {}
        self._reasons: list[str] = []
        self._said: list[str] | None = [] if _captures() else None
        self._first_token: float | None = None
        self.is_followed = False
        self._ended = False
        limit = kwargs.get("max_completion_tokens") or kwargs.get("max_tokens") or kwargs.get("max_output_tokens")
        self._attributes: dict[str, Any] = {
            **who,
            "user_id": _quietly(_hashed, who["user_id"]),
            "team": who["team"] or os.environ.get("PROMPT_COST_TEAM"),
            "environment": who["environment"] or os.environ.get("PROMPT_COST_ENVIRONMENT"),
            "gen_ai.operation.name": self._operation,
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": self._model,
            "gen_ai.request.temperature": _number(kwargs.get("temperature")),
            "gen_ai.request.max_tokens": _number(limit),
            "gen_ai.response.streaming": self._streams or None,
            "server.address": host or None,
        }
        if self._said is not None:
            asked_for = kwargs.get("messages") or kwargs.get("input") or kwargs.get("prompt")
            self._attributes["gen_ai.input.messages"] = _quietly(_messages, asked_for, "user")
        self.span = _tracer_of(trace.get_tracer_provider()).start_span(
            f"{self._operation} {self._model}", kind=trace.SpanKind.CLIENT, attributes=_present(self._attributes)
        )
        #: What is known only when the answer is there.
        self._answered: dict[str, Any] = {}
        self._started = time.perf_counter()

    def asked_in_vain(self, error: Exception) -> bool:
        """Whether the server refused the call only because usage was asked for: it then is made as it was written."""
        in_vain = (
            self._hides_usage and getattr(error, "status_code", None) in (400, 422) and "stream_options" in str(error)
        )
        if in_vain:
            self._hides_usage = False
            _refusing.add((self._host, self._model))
        return in_vain

    def answer(self, result: Any) -> None:
        """Reads what the call returned; a stream is read as its caller reads it."""
        if self._is_raw:
            # A raw response keeps what it has parsed: its caller's own `parse` finds it there.
            result = result.parse()
        if "_iterator" in _fields(result) and type(result).__module__.split(".")[0] == "openai":
            _follow(self, result)
        else:
            self.read(result)
            self.end()

    def read(self, message: Any) -> None:
        """Takes what a response, or a chunk of one, says of itself."""
        said = _fields(message)
        if str(said.get("type", "")).startswith("response."):
            message = said.get("response")
            said = _fields(message)
        if said.get("usage") is not None:
            self._usage = _usage_of(said["usage"])
        if self._said is not None:
            self._said.extend(_texts_of(message))
        if isinstance(said.get("model"), str):
            self._answered["gen_ai.response.model"] = said["model"]
        if isinstance(said.get("id"), str):
            self._answered["gen_ai.response.id"] = said["id"]
        self._tier = _text(said.get("service_tier")) or self._tier
        self._reasons += [choice.finish_reason for choice in said.get("choices") or () if choice.finish_reason]
        if said.get("status") in ("completed", "incomplete", "failed"):
            self._reasons.append(said["status"])

    def chunk(self, chunk: Any) -> bool:
        """Takes a chunk; false where the caller would not expect it."""
        if self._first_token is None and _has_content(chunk):
            self._first_token = time.perf_counter()
        said = _fields(chunk)
        choices = said.get("choices")
        if choices is None:
            if not self._answered or said.get("type") in _LAST_EVENTS:
                self.read(chunk)
            return True
        usage = said.get("usage")
        if self._said is not None or not self._answered or usage is not None or any(c.finish_reason for c in choices):
            self.read(chunk)
        return not (self._hides_usage and not choices and usage is not None)

    def fail(self, error: BaseException) -> None:
        status = getattr(error, "status_code", None)
        self._answered["error.type"] = type(error).__name__
        self._answered["http.response.status_code"] = status
        if status == 429:
            self._answered["gen_ai.response.error.type"] = "rate_limit_exceeded"
        # Whoever gave up waiting doesn't know what the answer has cost.
        gave_up = type(error).__name__ in ("APITimeoutError", "CancelledError")
        self.end(failed=True, incomplete=self.is_followed or gave_up)

    def end_of_stream(self, *, is_exhausted: bool) -> None:
        self.end(incomplete=not is_exhausted or not self._reasons)

    def end(self, *, failed: bool = False, incomplete: bool = False) -> None:
        """Ends the span with what is known; only the first time counts."""
        if self._ended:
            return
        self._ended = True
        seconds = time.perf_counter() - self._started
        note = self._answered
        note.update(self._usage)
        note["gen_ai.response.finish_reasons"] = self._reasons or None
        note["gen_ai.latency.duration_ms"] = seconds * 1000
        if self._first_token is not None:
            note["gen_ai.response.time_to_first_chunk"] = self._first_token - self._started
            note["gen_ai.latency.ttft_ms"] = (self._first_token - self._started) * 1000
        if incomplete:
            note["prompt_cost.incomplete"] = True
        if self._said:
            note["gen_ai.output.messages"] = _quietly(_messages, "".join(self._said), "assistant")
        cost = _quietly(self._cost) if self._usage else None
        # A request that was refused costs nothing; of all others the cost is known, or said to be unknown.
        is_unpriced = cost is None and (not failed or incomplete)
        if cost is not None:
            note["gen_ai.usage.cost_usd"] = note["gen_ai.usage.cost"] = cost
        elif is_unpriced:
            note["gen_ai.usage.cost_usd"], note["prompt_cost.unpriced"] = 0.0, True
        try:
            self.span.set_attributes(_present(note))
            if failed:
                self.span.set_status(trace.StatusCode.ERROR)
        finally:
            self.span.end()
        instruments = _instruments_of(metrics.get_meter_provider())
        usage = self._usage
        tokens = usage.get("gen_ai.usage.input_tokens"), usage.get("gen_ai.usage.output_tokens")
        labels = tuple([self._attributes.get(name) or note.get(name) for name in _LABELS])
        _unmeasured.append((seconds, cost, is_unpriced, tokens, labels))
        if len(_unmeasured) > _MOST_UNMEASURED:
            _measure_all(instruments)

    def _cost(self) -> float | None:
        answered = self._answered.get("gen_ai.response.model", self._model)
        return cost_usd(answered, self._usage, self._tier, self._model, self._sold_by)


def _follow(call: _Call, stream: Any) -> None:
    """Looks at each chunk as it passes; the caller keeps the very stream that the client made."""
    source, close, of_stream = stream._iterator, type(stream).close, weakref.ref(stream)
    if hasattr(source, "__anext__"):

        async def close_later() -> None:
            try:
                await close(of_stream())
            finally:
                _quietly(call.end_of_stream, is_exhausted=False)

        stream._iterator, stream.close = _async_chunks(call, source), close_later
    else:

        def close_now() -> None:
            try:
                close(of_stream())
            finally:
                _quietly(call.end_of_stream, is_exhausted=False)

        stream._iterator, stream.close = _chunks(call, source), close_now
    call.is_followed = True
    # One that nobody reads to its end, or at all, ends with its stream.
    weakref.finalize(stream, _quietly, call.end_of_stream, is_exhausted=False)


def _chunks(call: _Call, source: Iterator[Any]) -> Iterator[Any]:
    is_exhausted = False
    try:
        for chunk in source:
            if _quietly(call.chunk, chunk) is not False:
                yield chunk
        is_exhausted = True
    except Exception as error:
        _quietly(call.fail, error)
        raise
    finally:
        _quietly(call.end_of_stream, is_exhausted=is_exhausted)


async def _async_chunks(call: _Call, source: Any) -> Any:
    is_exhausted = False
    try:
        async for chunk in source:
            if _quietly(call.chunk, chunk) is not False:
                yield chunk
        is_exhausted = True
    except Exception as error:
        _quietly(call.fail, error)
        raise
    finally:
        _quietly(call.end_of_stream, is_exhausted=is_exhausted)


def cost_usd(
    model: str, usage: dict[str, Any], tier: str | None = None, requested: str | None = None, host: str = ""
) -> float | None:
    """What a call costs in USD, by the workspace's pricing table; None where it has no price.

    `usage` has OpenTelemetry's attributes; cached tokens are part of the input. The model that answered decides, and
    where the table doesn't know it, the one that was `requested` (a deployment's name). A `host` that doesn't ask
    OpenAI's prices has those that the table says: `HOST/MODEL`, `VENDOR/MODEL`, or names that aren't OpenAI's.
    """
    vendor = _vendor_of(host.lower())
    if vendor not in _OPENAI_SELLERS and tier not in (None, "", "auto", "standard", "default"):
        return None
    row = _row_of(model, requested or model, host.lower(), vendor)
    factor = None if row is None else row["factors"].get("default" if tier in (None, "", "auto", "standard") else tier)
    if row is None or factor is None:
        return None
    tokens = int(usage.get("gen_ai.usage.input_tokens") or 0)
    above = row.get("above")
    price = above if above is not None and tokens > above["inputTokens"] else row
    cached = min(int(usage.get("gen_ai.usage.cache_read.input_tokens") or 0), tokens)
    output = int(usage.get("gen_ai.usage.output_tokens") or 0)
    if price["output"] is None and output > 0:
        return None
    # Each part is rounded half up to a millionth of a millionth, as the extension does: no noise of binary fractions.
    parts = (tokens - cached, price["input"]), (cached, price["cachedInput"]), (output, price["output"] or 0)
    return sum(int(count * (per_million * factor) * 1e6 + 0.5) / 1e12 for count, per_million in parts)


_OPENAI_SELLERS = ("openai", "azure")


@lru_cache(maxsize=256)
def _vendor_of(host: str) -> str:
    """The vendor whose prices a host asks: OpenAI where none is known to be asked, empty where nobody knows."""
    hosts = _PRICES.get("hosts", {})
    if not host:
        return "openai"
    if host in hosts:
        return str(hosts[host])
    at = name = host.partition(":")[0]
    while at:
        if at in hosts:
            return str(hosts[at])
        at = at.partition(".")[2]
    if "litellm" in name:
        return "openai"
    is_local = re.fullmatch(
        r"[^.]*|127\..*|0\.0\.0\.0|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|.*\.(local|localhost)"
        r"|host\.docker\.internal",
        name,
    )
    return "local" if is_local else str(hosts.get("*", ""))


@lru_cache(maxsize=256)
def _row_of(model: str, requested: str, host: str, vendor: str) -> dict[str, Any] | None:
    """The prices of a model: the table's before the catalogue's, a vendor's own before those of all."""
    table, catalogue = _PRICES.get("table", {}), _PRICES.get("catalogue", {})
    names = [*_candidates(model), *_candidates(requested)]
    own = [
        f"{prefix}/{name}"
        for prefix in (host, host.partition(":")[0], vendor)
        if prefix not in ("", "openai")
        for name in names
    ]
    if vendor not in _OPENAI_SELLERS:
        names = [name for name in names if "/" in name or name not in catalogue]
        catalogue = {}
    for rows, some in ((table, [*own, *names]), (catalogue, names)):
        for name in some:
            if name in rows:
                return cast("dict[str, Any]", rows[name])
    return None


def _candidates(model: str) -> tuple[str, ...]:
    """The names that a model's price may stand under: a snapshot maps to its model, a fine-tune to fine-tunes only."""
    name = model.strip().lower()
    bare = re.sub(r"^openai/", "", name)
    tuned = re.match(r"ft:([^:]+)", bare)
    dated = bare if tuned is None else tuned[1]
    found = _SNAPSHOT.fullmatch(dated)
    undated = dated if found is None else next(one for one in found.groups() if one is not None)
    # Azure has no dot in `gpt-35-turbo`.
    bases = [spelled for base in (dated, undated) for spelled in (base, re.sub("^gpt-35-", "gpt-3.5-", base))]
    return (name, bare, *(base if tuned is None else f"ft:{base}" for base in bases))


# A model in front of a snapshot's date. Dates of four digits are closed lists: `gpt-4-1106` is no snapshot of `gpt-4`.
_SNAPSHOT = re.compile(
    r"(?!gpt-4-2)(.+)-\d{4}-\d\d-\d\d|(gpt-4(?:-32k)?)-0(?:314|613)"
    r"|(gpt-3\.?5-turbo(?:-16k|-instruct)?)-(?:0125|0301|0613|0914|1106)",
    re.ASCII,
)


_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed")
_LABELS = (
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "feature",
    "team",
    "environment",
    "gen_ai.response.model",
    "error.type",
)


def _usage_of(usage: Any) -> dict[str, Any]:
    """Usage as chat completions (`prompt_tokens`…) and responses (`input_tokens`…) report it."""
    said = _fields(usage)
    if said.get("prompt_tokens") is not None:
        tokens = said["prompt_tokens"], said.get("completion_tokens")
        parts = said.get("prompt_tokens_details"), said.get("completion_tokens_details")
    else:
        tokens = said.get("input_tokens"), said.get("output_tokens")
        parts = said.get("input_tokens_details"), said.get("output_tokens_details")
    return _present(
        {
            "gen_ai.usage.input_tokens": tokens[0],
            "gen_ai.usage.output_tokens": tokens[1],
            "gen_ai.usage.cache_read.input_tokens": _fields(parts[0]).get("cached_tokens"),
            "gen_ai.usage.reasoning.output_tokens": _fields(parts[1]).get("reasoning_tokens"),
        }
    )


def _leaves_usage_open(api: Any, kwargs: dict[str, Any]) -> bool:
    """Whether a streamed chat's caller said nothing of usage; the Responses API always tells it."""
    options, body = kwargs.get("stream_options"), kwargs.get("extra_body")
    decided = isinstance(options, dict) and "include_usage" in options
    decided = decided or (isinstance(body, dict) and "stream_options" in body)
    return not decided and api.__class__.__module__.endswith("completions")


def _has_content(chunk: Any) -> bool:
    """Whether a chunk brings text or a tool call."""
    said = _fields(chunk)
    choices = said.get("choices")
    if choices is None:
        return str(said.get("type", "")).endswith(".delta")
    for choice in choices:
        delta = getattr(choice, "delta", None)
        if getattr(choice, "text", None) or (
            delta is not None and (delta.content or delta.tool_calls or getattr(delta, "function_call", None))
        ):
            return True
    return False


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _has(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


_CODE = re.compile(r"(?i)https?:|\$[A-Z({]|[/.]|u?int\d|bytes\d|float\d|varchar", re.ASCII)
_PASSWORD_NAME = re.compile(
    r"(?i)(?:--(?:[a-z]{1,12}-)?pass|_?pass|pwd|_pw|mot|mdp|contra|kenn|wacht|senha|clave|parola|palavra)"
)
_PLACEHOLDER = re.compile("(?:your|change|example|placeholder|xxx)|(?:none|null|true|false|string|undefined)$")
_WORD = re.compile("[A-Za-z]+$")
_ENVIRONMENT = re.compile(r"[A-Z0-9_]+=[\"'`]?$")


def _is_placeholder(text: str) -> bool:
    word = text.lower()
    return "pass" in word or "pwd" in word or _PLACEHOLDER.match(word) is not None


def _is_secret(match: re.Match[str]) -> bool:
    """Whether what a name is set to is a secret, and not code, a placeholder or prose."""
    before, end = match[1], match.end()
    text, after = match[0][len(before) :], match.string[end : end + 1]
    if (after and after in "([{") or _CODE.match(text) is not None:
        return False
    if before[-1] == ">" and before[-2] != "=" and after != "<":
        return False
    if before[:4].upper() == "_KEY" and before[:4] != "_KEY":
        return False
    is_set = before[-1] == "="
    is_variable = _ENVIRONMENT.match(before) is not None
    if _PASSWORD_NAME.match(before) is not None:
        if before[-1] in "\"'`":
            return not _has("(?i)pass|requir|enter", text)
        if is_set and after in "&;\n" and _WORD.match(text) is not None:
            return not _is_placeholder(text)
        if is_variable and after in " \t\r\"'" and _has(r"^[\w-]+$", text):
            return not _is_placeholder(text)
        return len(text) > 5 and _has(r"[\d@#%^*$]", text)
    if is_variable and after in "\n\r \"'" and len(text) > 11 and _WORD.match(text) is not None:
        return not _is_placeholder(text)
    return len(text) > 7 and _has(r"\d", text) and _has("[A-Za-z]", text) and " " not in text


def _is_header(match: re.Match[str]) -> bool:
    before, text = match[1], match[0][len(match[1]) :]
    if before[-1] not in " \t\n":
        return len(text) > 15 and _has(r"\d", text) and _has("[A-Za-z]", text) and "." not in text
    return _has(r"\d|=" if before[0] in "Bb" else r"\d|=|[a-z][A-Z]", text)


def _is_cookie(match: re.Match[str]) -> bool:
    """Whether one of the values is long enough to be a session's."""
    return _has(r"=(?=[^;]*\d)[^;]{8}", match[0][len(match[1]) :])


def _is_random(match: re.Match[str]) -> bool:
    text = match[0]
    return all(_has(sign, text) for sign in (r"\d", "[A-Z]", "[a-z]")) and not _has("[a-z]{8}", text)


_NO_KEY = re.compile(
    r"(?i)(?:sha|md5|hash|digest|sum|tag|trace|span|commit|rev|version|[ug]uid|request)[\w-]{0,9}\W{0,4}$", re.ASCII
)


def _is_hex_key(match: re.Match[str]) -> bool:
    """A key in hexadecimal digits, and no checksum or identifier by the word before it."""
    if not (_has(r"\d", match[0]) and _has("[a-fA-F]", match[0])):
        return False
    start = match.start()
    return _NO_KEY.search(match.string[max(0, start - 30) : start]) is None


#: Each letter as its number from 10, as IBANs are checked.
_NUMBERED = {ord("A") + at: str(10 + at) for at in range(26)}


def _is_iban(match: re.Match[str]) -> bool:
    code = match[0].replace(" ", "")
    return int((code[4:] + code[:4]).translate(_NUMBERED)) % 97 == 1


#: A digit's part of a card's checksum: as it is, or doubled and its digits added up.
_SINGLE = bytes([(sign - 48) % 256 for sign in range(256)])
_DOUBLED = bytes([(2 * sign // 10 + 2 * sign % 10) % 256 for sign in [(code - 48) % 256 for code in range(256)]])


def _is_card(match: re.Match[str]) -> bool:
    digits = match[0].encode().translate(None, b" -")[::-1]
    return (sum(digits[::2].translate(_SINGLE)) + sum(digits[1::2].translate(_DOUBLED))) % 10 == 0


#: What looks like a phone number behind a word such as `call`, and is a date or an amount.
_DATES = re.compile(
    r"(?:\d\d?([./ -])\d\d?\1\d{2,4}|(?:19|20)\d\d([./-]?)\d\d\2\d\d|\d{4}[-/]\d{4}|\d{1,2}(?: \d{3})+)$",
    re.ASCII,
)
#: Numbers by their groups, by how they begin: with a country's code; in five pairs, but not those that count upwards, or
#: national, whose groups aren't all of a length; with an area's code in brackets; North American.
_NO_COUNTRY = re.compile(r"\+(?:\d{1,3}(?: \d{3}){1,2}|\d+\.\d+)$", re.ASCII)
_PAIRS = re.compile(r"0[1-9]([ .-])\d\d(?:\1\d\d){3}$", re.ASCII)
_COUNTING = re.compile("0[1-5].0[2-6].0[3-7].0[4-8].0")
_NATIONAL = re.compile(r"0(?:[1-9]\d{0,3}[ /-]\d{2,}(?:[ -]\d{2,}){0,3}|0[1-9]\d{0,2}[ /-]\d[\d /-]{6,})$", re.ASCII)
_AREA = re.compile(r"\((?:0\d{0,4}\) ?\d[\d /-]{5,}|\d\d\) ?\d{4,5}-\d{4}|\d{3}\) ?\d{3}[ .-]\d{4})$", re.ASCII)
_AMERICAN = re.compile(r"(?:1[ .-])?(?:\(\d{3}\) ?\d{3}[ .-]|[2-9]\d\d([.-])\d{3}\1)\d{4}$", re.ASCII)
_PLAIN = {0xA0: " ", 0x202F: " ", 0x2011: "-"}
_DIGITS_ONLY = dict.fromkeys(map(ord, "+() ./-"))


def _is_phone(match: re.Match[str]) -> bool:
    """Whether digits are in the groups of a phone number, and not in those of a date, an amount or a table."""
    number = match[0] if match[0].isascii() else match[0].translate(_PLAIN)
    if "+" in number:
        return 7 < len(number.translate(_DIGITS_ONLY)) < 16 and _NO_COUNTRY.match(number) is None
    if number[0] == "(":
        return _AREA.match(number) is not None and len(number.translate(_DIGITS_ONLY)) in range(7, 16)
    if number[0] != "0":
        return _AMERICAN.match(number) is not None
    if _PAIRS.match(number) is not None:
        return _COUNTING.match(number) is None
    if _NATIONAL.match(number) is None:
        return False
    groups = number.replace("/", " ").replace("-", " ").split(" ")
    length = len(number) - len(groups) + 1
    return 9 + ("-" in number) <= length <= 15 and len(set(map(len, groups))) > 1


def _is_called(match: re.Match[str]) -> bool:
    """Whether the digits behind a word such as `call` are no date or amount."""
    number = match[2] if match[2].isascii() else match[2].translate(_PLAIN)
    if number.isdigit():
        return len(number) < 16 and (len(number) != 8 or number[:2] not in ("19", "20"))
    return 7 <= len(number.translate(_DIGITS_ONLY)) <= 15 and _DATES.match(number) is None


def _any_of(*names: str) -> str:
    """A pattern of names in either case: sought by the first character, told apart by the second, the third, the first."""
    ends: dict[str, dict[str, dict[str, list[str]]]] = {}
    for name in names:
        ends.setdefault(name[1], {}).setdefault(name[2], {}).setdefault(name[0], []).append(name[3:])

    def either(sign: str) -> str:
        return f"[{sign}{sign.upper()}]"

    def branch(branches: Iterable[str]) -> str:
        return f"(?:{'|'.join(branches)})"

    def by_first(firsts: dict[str, list[str]]) -> str:
        return branch(f"(?<={either(first)}..)(?i:{'|'.join(rest)})" for first, rest in firsts.items())

    def by_third(thirds: dict[str, dict[str, list[str]]]) -> str:
        return branch(either(third) + by_first(firsts) for third, firsts in thirds.items())

    firsts = "".join(sorted({sign for name in names for sign in (name[0], name[0].upper())}))
    return f"[{firsts}]" + branch(either(second) + by_third(thirds) for second, thirds in ends.items())


def _rule(
    word: str, pattern: str, check: Callable[[re.Match[str]], bool] | None = None, needs: str = ""
) -> tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]]:
    compiled = re.compile(pattern, re.ASCII)
    has_group = compiled.groups > 0
    if check is None:
        return needs, compiled, rf"\1{word}" if has_group else word

    def masked(match: re.Match[str]) -> str:
        if not check(match):
            return match[0]
        return match[1] + word if has_group else word

    return needs, compiled, masked


#: What may stand between the lines of a key, what spaces and ends a value, and the letters of an address.
_GAP = r"(?:[\s\u00a0\u202f\"',>|]|\\[nrt])*"
_SPACE = r"[\s\u00a0\u202f]"
_END = r"\s\u00a0\u202f\"'`,;<>(){}\[\]&|\\"
_LETTERS = r"A-Za-z0-9_\u00c0-\u1fff\u3040-\ud7ff"
_SECRET_NAME = _any_of(
    *("pass(?:word|wd|phrase|wort|code)", "pwd", "_pass", "_pw", "kennwort", "wachtwoord", "contrase[ñÑn]a"),
    *("mot de passe", "mdp(?<![a-z]...)", "clave(?<![a-z].....)", "senha(?<![a-z].....)", "palavra[ -]passe"),
    *("parola d.ordine", "secret", "token", "_auth", "_key"),
    *(f"{kind}[ _-]?key" for kind in ("api", "access", "account", "private", "client", "signing", "encryption")),
    *(f"{kind}[ _-]?key" for kind in ("auth", "master", "shared")),
)
_CALL_NAME = _any_of(
    *(rf"{name}(?<!\w{'.' * len(name)})" for name in ("tel", "telephone", "telephon", "telefone", "telefon", "phone")),
    *(rf"{name}(?<!\w{'.' * len(name)})" for name in ("mobil", "mobile", "cell", "call", "fax", "handy", "sms")),
    r"whatsapp(?<!\w........)",
)
_DOMAIN = (
    rf"@(?!\d+(?:x\.|\.\d))(?:[{_LETTERS}-]+\.)+"
    r"(?:xn--[A-Za-z0-9-]+|[A-Za-z]{2,24}|[\u00c0-\u1fff\u3040-\ud7ff]{2,24})(?![A-Za-z0-9_(])"
)
_VALUE = rf"(?:(?<=[\"'`])[^\"'`\n]{{3,}}[^\"'`\n\\](?=\\?[\"'`])|[^{_END}]{{3,}}[^{_END}.])"
_COOKIE = r"[\w.-]{1,60}=[^\s\u00a0\u202f;,\"'\\]+"
_NUMBER = (
    r"[\d+(](?<![\w./-].)(?<!\d,.)(?:[(+]?\d|(?<=\d))(?:(?:[ ./\u00a0\u202f\u2011-]|\) ?|\(| \(|)\d){6}"
    r"\d*(?:(?:[ ./\u00a0\u202f\u2011-]|\) ?|\(| \()\d+)*(?![\w%]|[:,]\d)"
)


@cache
def _masks() -> tuple[tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]:
    """What is masked: the word for it, its pattern (its first group is kept) and, where looks don't suffice, a check; and
    what it needs to be sought at all. Time grows no faster than the text: a pattern starts only where a run of its
    characters does, or takes all of the run, so that nothing is read again and again. Compiled when first used.
    """
    return (
        _rule(
            "[key]",
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY[A-Z ]{0,9}-----"
            rf"(?:{_GAP}(?:[\w+/=]{{20,}}|(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]*))+"
            rf"(?:{_GAP}[\w+/=]*{_GAP}(?:-----END[A-Z ]{{0,60}}-----|$))?",
        ),
        _rule("[key]", r"(://[^\s\u00a0\u202f:/@]{0,64}:)[^\s\u00a0\u202f/?#\"'`<>,]{3,}(?=@)"),
        _rule(
            "[key]",
            rf"([AaBb](?i:(?<=a)uthorization\\?[\"']?{_SPACE}{{0,3}}[:=,]{_SPACE}{{0,3}}\\?[\"']?"
            rf"(?:(?:basic|bearer|token|digest|negotiate|api-?key){_SPACE}{{1,3}})?|(?<=b)earer{_SPACE}{{1,3}}))"
            r"[\w.~+/-]{9,}[\w~+/-]=*",
            _is_header,
        ),
        _rule(
            "[key]",
            rf"(?i)(cookie\\?[\"']?{_SPACE}{{0,3}}[:=]{_SPACE}{{0,3}}\\?[\"']?){_COOKIE}(?:;{_SPACE}?{_COOKIE})*",
            _is_cookie,
        ),
        _rule(
            "[key]",
            rf"({_SECRET_NAME}(?i:(?:[_-]?(?:access[_-]?)?key(?:_base)?)?"
            rf"(?:>|(?:\\?[\"'`]?{_SPACE}{{0,3}}(?::{_SPACE}?\w{{3,9}}{_SPACE})?[:=]>?{_SPACE}{{0,3}}"
            rf"|{_SPACE}(?:is|ist|lautet|est|es|[éÉèÈ]){_SPACE})\\?[\"'`]?))){_VALUE}",
            _is_secret,
        ),
        _rule(
            "[key]",
            rf"(--(?:[a-z]{{1,12}}-)?(?:pass(?:word|wd)?|token|secret|api-key){_SPACE}[\"']?){_VALUE}",
            _is_secret,
        ),
        _rule(
            "[key]",
            r"(?<![\w-])(?:A(?:KIA|SIA)[A-Z0-9]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|eyJ[\w-]{8,}(?:\.[\w-]+)+"
            r"|gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl[a-z]{2,5}-[\w-]{16,}|hf_[A-Za-z0-9]{20,}"
            r"|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{20,}|(?:xox[a-z]|xapp)-[\w-]{10,}|[prs]k_(?:live|test)_\w{10,}"
            r"|whsec_\w{16,}|dop_v1_\w{40,}|SG\.[\w-]{16,}\.[\w-]{16,}|sk-(?:[A-Za-z0-9]{16,}|(?=[\w-]{0,80}\d)[\w-]{16,}))",
        ),
        _rule("[key]", r"[A-Za-z0-9+/](?<![\w+/=.-].)[A-Za-z0-9+/]{39}(?![\w+/=-]|\.\w)", _is_random),
        _rule(
            "[key]",
            r"[\da-fA-F](?<![\w/.@#-].)(?:x[\da-fA-F]{64}|[\da-fA-F]{63}|[\da-fA-F]{31})(?![\w-]|\.\w)",
            _is_hex_key,
        ),
        _rule("[e-mail]", rf"\"[^\"\n@]{{1,64}}\"{_DOMAIN}", needs="@"),
        _rule(
            "[e-mail]",
            rf"[{_LETTERS}.+%&~-](?<![{_LETTERS}.+%&~-].)(?!it@)[{_LETTERS}.+%&~-]*{_DOMAIN}",
            needs="@",
        ),
        _rule(
            "[iban]",
            r"[A-Z](?<!\w.)[A-Z]\d\d ?[A-Z0-9]{4}(?: ?(?=[A-Z]{0,3}\d)[A-Z0-9]{4}){1,6}"
            r"(?: ?(?=[A-Z]{0,2}\d)[A-Z0-9]{1,3})?(?!\w)",
            _is_iban,
        ),
        _rule(
            "[card]",
            r"[2-6](?<![\w.,-].)(?<!\d .)(?:(?<=[46])|(?<=5)(?=[1-5])|(?<=2)(?=[2-7])|(?<=3)(?=[0-8]))"
            r"(?:\d{13,15}|\d{3}(?: \d{4}){3}|\d{3}(?:-\d{4}){3}|\d{3} \d{6} \d{4,5}"
            r"|\d{3}-\d{6}-\d{4,5})(?!\w|[ -]\d{4}(?!\d))",
            _is_card,
        ),
        _rule(
            "[phone]",
            rf"({_CALL_NAME}\b\W{{0,3}}?(?i:(?:me|us|at|on|is|no|nr|number)\b\W{{1,2}}?){{0,2}})({_NUMBER})",
            _is_called,
        ),
        _rule("[phone]", _NUMBER, _is_phone),
    )


def mask(text: str) -> str:
    """The text without passwords, keys, e-mail addresses, bank, card and phone numbers, as far as looks tell them."""
    for needed, pattern, masked in _masks():
        if needed in text:
            text = pattern.sub(masked, text)
    return text


#: What prompts and answers pass through, where they are captured at all; put a function of your own here.
redact: Callable[[str], str] = mask


def _captures() -> bool:
    asked = os.environ.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT")
    return asked is not None and asked.lower() in ("true", "1", "span_only", "span_and_event")


def _messages(given: Any, role: str) -> str:
    """Messages as the conventions have them, redacted."""

    def read(message: Any) -> dict[str, Any]:
        own = message if isinstance(message, dict) else {"content": message}
        content = own.get("content")
        parts = content if isinstance(content, list) else [content]
        texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
        said = [{"type": "text", "content": redact(text)} for text in texts if isinstance(text, str)]
        return {"role": own.get("role", role), "parts": said}

    return json.dumps([read(message) for message in (given if isinstance(given, list) else [given])])


def _texts_of(message: Any) -> list[str]:
    """The texts that an answer, or a chunk of one, holds."""
    choices = getattr(message, "choices", None) or []
    parts = [getattr(choice, "message", None) or getattr(choice, "delta", None) for choice in choices]
    texts = [getattr(part, "content", None) for part in parts] + [getattr(choice, "text", None) for choice in choices]
    return [text for text in [*texts, getattr(message, "output_text", None)] if isinstance(text, str) and text]


def _hashed(user: object) -> str | None:
    """The user's key (HMAC-SHA-256); an object stands for its `id`."""
    for name in ("id", "user_id", "userId", "sub"):
        if isinstance(user, (str, int)) or user is None:
            break
        user = user.get(name, user) if isinstance(user, dict) else getattr(user, name, user)
    if user is None:
        return None
    if type(user).__str__ is object.__str__ or isinstance(user, dict):
        _tell("user_id is an object without an id: calls are recorded without a user.")
        return None
    key = os.environ.get("PROMPT_COST_USER_KEY")
    if not key:
        _tell("PROMPT_COST_USER_KEY is not set: calls are recorded without a user.")
        return None
    return hmac.digest(key.encode(), str(user).encode(), "sha256").hex()


def _place_of(frame: Any) -> dict[str, Any]:
    code = frame.f_code
    name = getattr(code, "co_qualname", code.co_name)
    return {
        "code.file.path": _relative(code.co_filename),
        "code.function.name": None if name == "<module>" else name,
        "code.line.number": frame.f_lineno,
    }


@lru_cache(maxsize=1024)
def _relative(file: str) -> str:
    path = os.path.abspath(file)
    inside = path.startswith(_PROJECT + os.sep)
    return (os.path.relpath(path, _PROJECT) if inside else path).replace(os.sep, "/")


def _resource_of(api: Any) -> Any:
    """The API behind `with_raw_response`."""
    if not type(api).__name__.endswith("WithRawResponse"):
        return api
    return next((value for value in vars(api).values() if hasattr(value, "_client")), api)


#: Packages whose patches of the client make spans of their own.
_INSTRUMENTATIONS = ("opentelemetry", "openinference", "openlit")


def _unpatched(api: Any, name: str) -> Callable[..., Any]:
    """A method as the client has it, under an automatic instrumentation's patch (wrapt): one call is one span."""
    if type(getattr(type(api), name, None)) is FunctionType:
        return cast(Callable[..., Any], getattr(api, name))
    resource = _resource_of(api)
    patched = getattr(resource, name)
    method = patched
    while hasattr(method, "_self_wrapper") and str(method._self_wrapper.__module__).startswith(_INSTRUMENTATIONS):
        method = method.__wrapped__
    if resource is api or method is patched:
        return cast(Callable[..., Any], method if resource is api else getattr(api, name))
    bare = copy.copy(resource)
    setattr(bare, name, method)
    return cast(Callable[..., Any], getattr(type(api)(bare), name))


def _operation_of(module: str) -> str:
    if "embeddings" in module:
        return "embeddings"
    return "text_completion" if module.endswith("resources.completions") else "chat"


_PROVIDERS = {
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral_ai",
    "api.perplexity.ai": "perplexity",
    "api.x.ai": "x_ai",
}
#: Hosts and models that are known to refuse `stream_options`.
_refusing: set[tuple[str, str]] = set()


#: Hosts, providers and addresses by client: its address is slow to read.
_servers: weakref.WeakKeyDictionary[Any, tuple[str, str, str]] = weakref.WeakKeyDictionary()


def _server_of(client: Any) -> tuple[str, str, str]:
    """The host that a client asks, the provider's name, and the host with its port."""
    if client is None:
        return "", "openai", ""
    server = _servers.get(client)
    if server is None:
        url = urlsplit(str(getattr(client, "base_url", "")))
        host = url.hostname or ""
        is_azure = "azure" in type(client).__name__.lower() or host.endswith(".azure.com")
        provider = "azure.ai.openai" if is_azure else _PROVIDERS.get(host, "openai")
        server = host, provider, url.netloc.rpartition("@")[2]
        _servers[client] = server
    return server


@lru_cache(maxsize=4)
def _tracer_of(_provider: object) -> trace.Tracer:
    return trace.get_tracer("prompt-cost-lens", "2")


_TOKENS = [4**power for power in range(14)]
_SECONDS = [0.01 * 2**power for power in range(14)]
_DOLLARS = [0.0001 * factor * 10**power for power in range(6) for factor in (1, 2.5, 5)]
#: Bounds of the histograms' buckets: those of the conventions, and for cost from a hundredth of a cent to 50 USD.
_HISTOGRAMS = {
    "gen_ai.client.operation.duration": ("s", _SECONDS),
    "gen_ai.client.token.usage": ("{token}", _TOKENS),
    "gen_ai.usage.cost_usd": ("USD", _DOLLARS),
}


#: Calls that the histograms don't have yet: they get them when they are collected, which costs no call its time.
#: In each: seconds, USD, whether that is unknown, input and output tokens, the values of `_LABELS`.
_unmeasured: deque[tuple[Any, ...]] = deque()
_MOST_UNMEASURED = 5000
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unmeasured.clear)


@lru_cache(maxsize=4)
def _instruments_of(_provider: object) -> dict[str, Any]:
    """The instruments of a provider. A counter of swallowed errors is asked first whenever they are collected."""
    meter = metrics.get_meter("prompt-cost-lens", "2")
    meter.create_observable_counter(
        "prompt_cost.swallowed_errors", [lambda _options: _collected(instruments)], "{error}"
    )
    instruments: dict[str, Any] = {
        "gen_ai.usage.unpriced_calls": meter.create_counter("gen_ai.usage.unpriced_calls", "{call}")
    }
    for name, (unit, bounds) in _HISTOGRAMS.items():
        try:
            instruments[name] = meter.create_histogram(name, unit, explicit_bucket_boundaries_advisory=bounds)
        except TypeError:  # Before version 1.30 of OpenTelemetry's API.
            instruments[name] = meter.create_histogram(name, unit)
    return instruments


def _collected(instruments: dict[str, Any]) -> list[metrics.Observation]:
    _quietly(_measure_all, instruments)
    return [metrics.Observation(sum(swallowed_errors.values()))]


def _measure_all(instruments: dict[str, Any]) -> None:
    for _ in range(len(_unmeasured)):
        seconds, cost, is_unpriced, usage, values = _unmeasured.popleft()
        labels = _present(dict(zip(_LABELS, values)))
        instruments["gen_ai.client.operation.duration"].record(seconds, labels)
        for kind, tokens in zip(("input", "output"), usage):
            if tokens is not None:
                instruments["gen_ai.client.token.usage"].record(tokens, {**labels, "gen_ai.token.type": kind})
        if cost is not None:
            instruments["gen_ai.usage.cost_usd"].record(cost, labels)
        if is_unpriced:
            instruments["gen_ai.usage.unpriced_calls"].add(1, {"gen_ai.request.model": labels["gen_ai.request.model"]})


def _fields(value: Any) -> dict[str, Any]:
    """What an answer of the client holds. Asking its models for what they haven't is slow."""
    return getattr(value, "__dict__", {})


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


@cache
def _tell(text: str) -> None:
    """Says something once."""
    _log.warning(text)


def _quietly(run: Callable[..., T], *args: Any, **kwargs: Any) -> T | None:
    """Runs telemetry; its errors are counted, and never the caller's."""
    try:
        return run(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours and not the caller's.
        name = type(error).__name__
        swallowed_errors[name] = swallowed_errors.get(name, 0) + 1
        return None


def _load_prices() -> dict[str, dict[str, Any]]:
    from prompt_cost_prices import PRICES

    return PRICES


#: USD per million tokens, by model. Without them calls are recorded without a cost.
_PRICES: dict[str, dict[str, Any]] = _quietly(_load_prices) or {}
