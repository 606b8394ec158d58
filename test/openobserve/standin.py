"""A stand-in for OpenObserve in tests: OTLP in, SQL out, on DataFusion, the engine inside OpenObserve.

Answers as v0.60.5 (DataFusion 52) or v0.14.7 (DataFusion 45) did in the recorded exchanges. The first line on
standard output is the port; `POST /standin/fault` makes the next answers fail in a chosen way.
"""

import argparse
import base64
import gzip
import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, unquote, urlparse

import pyarrow as pa
from datafusion import SessionConfig, SessionContext
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ORGANIZATIONS = ["default"]
RESERVED = {"_timestamp", "duration", "start_time", "end_time"}
TEXT_INPUTS = ("input", "output", "events", "prompt", "input.value", "output.value", "tool_arguments", "tool_response",
               "gen_ai.input.messages", "gen_ai.output.messages")
TYPES = {"Int64": pa.int64(), "UInt64": pa.uint64(), "Float64": pa.float64(), "Utf8": pa.string()}
TYPE_OF = {"_timestamp": "Int64", "duration": "Int64", "start_time": "UInt64", "end_time": "UInt64", "flags": "Int64",
           "status_code": "Int64", "_o2_llm_cost_details_total": "Float64", "_o2_llm_usage_details_input": "Int64",
           "_o2_llm_usage_details_output": "Int64", "_o2_llm_usage_details_total": "Int64"}


class Failure(Exception):
    def __init__(self, status, body):
        super().__init__(str(body))
        self.status, self.body = status, body


def refusal(status, code, message, **more):
    return Failure(status, {"code": code, "message": message, **more})


def flat_name(key):
    return re.sub(r"[^a-z0-9_]", "_", key.lower())


def plain_number(value):
    """Rust's `to_string` of a double: never an exponent, no trailing `.0`."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    text = repr(value)
    if "e" in text:
        text = f"{value:.30f}".rstrip("0")
    return text[:-2] if text.endswith(".0") else text.rstrip(".")


def text_of(value):
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return value.string_value
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    if kind == "int_value":
        return str(value.int_value)
    if kind == "double_value":
        return plain_number(value.double_value)
    if kind == "array_value":
        return json.dumps([text_of(item) for item in value.array_value.values], separators=(",", ":"))
    return None


class Stream:
    def __init__(self):
        self.columns, self.batches, self.created_at, self.max_query_range = {}, [], 0, 0
        self.tables = {}

    def add(self, rows):
        for row in rows:
            for column in row:
                self.columns.setdefault(column, TYPE_OF.get(column, "Utf8"))
        self.created_at = self.created_at or min(row["_timestamp"] for row in rows)
        self.batches.append(rows)
        self.tables = {}

    def table(self, batches):
        """The rows as an Arrow table; the whole is kept, because it is asked for again and again."""
        is_whole = batches is None
        if is_whole and "whole" in self.tables:
            return self.tables["whole"]
        rows = [row for batch in (self.batches if is_whole else batches) for row in batch]
        names = sorted(self.columns)
        arrays = [pa.array([row.get(name) for row in rows], TYPES[self.columns[name]]) for name in names]
        table = pa.table(arrays, names=names)
        if is_whole:
            self.tables["whole"] = table
        return table


class Standin:
    def __init__(self, version, user, password):
        self.is_new = version == "v0.60.5"
        self.version = version
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.streams, self.lock, self.fault, self.searches = {}, Lock(), None, []

    # Ingest

    def ingest(self, body, content_type, name):
        is_json = content_type.startswith("application/json")
        if is_json:
            try:
                text = body.decode()
                found = json.loads(text)
            except ValueError as error:
                raise refusal(400, 400, f"Invalid json: {error}") from error
            if self.is_new and "doubleValue" in text:
                raise refusal(400, 400, "Invalid json: invalid type: map, expected f64 at line 1 column 1032")
            request = from_json(found)
        elif content_type == "application/x-protobuf":
            request = ExportTraceServiceRequest()
            try:
                request.ParseFromString(body)
            except DecodeError as error:
                raise refusal(400, 400, f"Invalid proto: {error}") from error
        else:
            raise refusal(400, 400, "Bad Request")
        rows = [self.row(span, resource.resource, name, is_json) for resource in request.resource_spans
                for scope in resource.scope_spans for span in scope.spans]
        rows = [row for row in rows if row is not None]
        if rows:
            with self.lock:
                self.streams.setdefault(name, Stream()).add(rows)

    def row(self, span, resource, stream, is_json):
        if len(span.trace_id) != 16 or len(span.span_id) != 8:
            return None
        row = {"service_name": stream}
        for attribute in resource.attributes:
            name = "service_name" if attribute.key == "service.name" else "service_" + flat_name(attribute.key)
            if (text := text_of(attribute.value)) is not None:
                row[name] = text
        given = {attribute.key: text_of(attribute.value) for attribute in span.attributes}
        if is_json:
            # Lists in JSON lose their values on this way in, as recorded.
            given = {key: re.sub(r'"[^"]*"', "null", text) if text and text.startswith('["') else text for key, text in given.items()}
        is_llm = any(key in given for key in ("gen_ai.operation.name", "gen_ai.request.model", "gen_ai.input.messages"))
        for key, text in given.items():
            if text is None or (self.is_new and is_llm and is_input(key)):
                continue
            name = flat_name(key)
            row["attr_" + name if name in RESERVED else name] = text
        if self.is_new and is_llm:
            row.update(derived(given))
        start, end = span.start_time_unix_nano, span.end_time_unix_nano
        row.update(_timestamp=start // 1000, start_time=start, end_time=end, duration=max(0, end - start) // 1000,
                   trace_id=span.trace_id.hex(), span_id=span.span_id.hex(), flags=1, span_kind=str(span.kind),
                   span_status=("UNSET", "OK", "ERROR")[span.status.code], status_code=span.status.code,
                   status_message=span.status.message, operation_name=span.name, events="[]", links="[]")
        if span.parent_span_id:
            row.update(reference_parent_span_id=span.parent_span_id.hex(), reference_parent_trace_id=span.trace_id.hex(),
                       reference_ref_type="ChildOf")
        return row

    # Streams

    def describe(self, name, with_schema):
        stream = self.streams[name]
        schema = [{"name": column, "type": stream.columns[column]} for column in sorted(stream.columns)]
        settings = {"partition_keys": {}, "data_retention": 0, "max_query_range": stream.max_query_range}
        if self.is_new:
            is_llm = "_o2_llm_input_template" in stream.columns and with_schema
            settings["is_llm_stream"] = is_llm
        return {"name": name, "storage_type": "disk", "stream_type": "traces",
                "stats": {"created_at": stream.created_at if with_schema else 0, "doc_time_min": 0, "doc_time_max": 0,
                          "doc_num": 0, "file_num": 0},
                "schema": schema if with_schema else [], "settings": settings,
                "total_fields": len(schema) if with_schema else 0}

    # Search

    def search(self, body, stream_type):
        query = json_body(body, self.is_new)["query"]
        sql, start, end, size = query["sql"], query.get("start_time", 0), query.get("end_time", 0), query.get("size", 10)
        self.searches.append(sql)
        answer = {"took": 1, "hits": [], "total": 0, "from": query.get("from", 0), "size": size, "cached_ratio": 0,
                  "trace_id": "0" * 32, "is_partial": False, "result_cache_ratio": 0}
        names = [match for match in re.findall(r'(?:FROM|JOIN)\s+"([^"]+)"', sql, re.I)]
        with self.lock:
            streams = {name: self.streams.get(name) if stream_type == "traces" else None for name in names}
            missing = [name for name in names if streams[name] is None]
            if missing and self.is_new:
                raise refusal(400, 20002, f"Search stream not found: {missing[0]}", error_detail="")
            if missing:
                return {**answer, "is_partial": True, "function_error": [f"Stream not found {missing[0]}"]}
            limits = [stream.max_query_range for stream in streams.values() if stream.max_query_range]
            if limits and end - start > min(limits) * 3_600_000_000:
                start = end - min(limits) * 3_600_000_000
                answer.update(is_partial=True, new_start_time=start, new_end_time=end, function_error=[
                    f"Query duration is modified due to query range restriction of {min(limits)} hours"])
            try:
                hits, order = self.run(sql, streams, start, end, size)
            except Exception as error:  # noqa: BLE001 - whatever the engine says becomes an answer
                return self.failed(str(error), sql, streams, start, end, size, answer)
        answer.update(hits=hits, total=len(hits))
        if order:
            answer["order_by"] = order
        return answer

    def run(self, sql, streams, start, end, size, batches=None):
        config = SessionConfig().with_target_partitions(2).set("datafusion.sql_parser.dialect", "PostgreSQL")
        context = SessionContext(config)
        for name, stream in streams.items():
            frame = context.from_arrow(stream.table(batches), name=f"{name} whole")
            context.sql(f'CREATE VIEW "{name}" AS SELECT * FROM "{name} whole" WHERE _timestamp >= {start} AND _timestamp < {end}')
            del frame
        text = rewritten(sql, end - start)
        frame = context.sql(text)
        plan = str(frame.optimized_logical_plan())
        is_plain = not re.search(r"Aggregate|Join|Window|Union|Distinct", plan) and "_timestamp" not in [field.name for field in frame.schema()]
        if is_plain and not re.match(r"\s*WITH", text, re.I):
            text = re.sub(r"^\s*SELECT\s+(.*?)\s+FROM", r"SELECT \1, _timestamp FROM", text, count=1, flags=re.I | re.S)
        is_row_by_row = not re.search(r"Aggregate|Join|Window|Union|Distinct", plan)
        if is_row_by_row and not re.search(r"ORDER BY", text, re.I):
            text += " ORDER BY _timestamp DESC"
        most = size if size > 0 else 1000
        rows = [row for batch in context.sql(text).limit(most).collect() for row in batch.to_pylist()]
        hits = [{key: shown(value) for key, value in row.items() if value is not None} for row in rows]
        order = re.search(r"ORDER BY\s+\S+(\s+DESC)?\s*$", sql, re.I)
        return [hit for hit in hits if hit], None if order is None else "desc" if order.group(1) else "asc"

    def failed(self, text, sql, streams, start, end, size, answer):
        text = in_words(text)
        if "ParserError" in text or "sql parser error" in text.lower() or "SQL error" in text:
            inner = re.search(r'ParserError\(\\?"(.*?)\\?"\)', text)
            message = inner.group(1) if inner else text
            said = f'Error# SQL error: ParserError("{message}")' if self.is_new else "sql parser error: " + re.sub(r" at Line.*", "", message)
            raise refusal(500, 500, said)
        field = re.search(r"No field named (\S+?)\.?(\s|$)", text)
        if field:
            message = f"Schema error: No field named {field.group(1)}. Valid fields are" if self.is_new else field.group(1).strip('".')
            raise refusal(400, 20004, f"Search field not found: {message}", error_detail="")
        function = re.search(r"Invalid function '(\w+)'", text)
        if function:
            message = f"Error during planning: Invalid function '{function.group(1)}'." if self.is_new else function.group(1)
            raise refusal(400, 20005, f"Search function not defined: {message}", error_detail="")
        is_run_time = re.search(r"Cast error|^Execution error: Unsupported data type", text) or (not self.is_new and "Invalid input syntax for type interval" in text)
        if not is_run_time:
            raise refusal(400, 20008, "Search SQL execute error", error_detail=optimizer_prefix(text))
        said = f"code: 'Internal error', message: \"{text}\"" if self.is_new else f"status: Internal, message: \"{text}\""
        hits = [] if self.is_new else self.before_failure(sql, streams, start, end, size)
        return {**answer, "hits": hits, "total": len(hits), "is_partial": True,
                "function_error": [said, "Please be aware that the response is based on partial data"]}

    def before_failure(self, sql, streams, start, end, size):
        """v0.14.7 answers from the files that were read before one failed; the newest come first."""
        (stream,) = streams.values()
        done = []
        for batch in reversed(stream.batches):
            try:
                self.run(sql, streams, start, end, size, [batch])
            except Exception:  # noqa: BLE001
                break
            done.append(batch)
        try:
            return self.run(sql, streams, start, end, size, done)[0] if done else []
        except Exception:  # noqa: BLE001
            return []


def in_words(text):
    """The bindings print some of the engine's errors as Rust values; the server prints them in words."""
    text = text.removeprefix("DataFusion error: ")
    if match := re.search(r'FieldNotFound \{ field: Column \{ relation: .*?, name: "(.*?)" \}', text):
        return f"Schema error: No field named {match.group(1)} "
    for name, words in (("CastError", "Arrow error: Cast error: "), ("ParseError", "Arrow error: Parser error: "),
                        ("Plan", "Error during planning: "), ("Execution", "Execution error: ")):
        if match := re.search(rf'^(?:ArrowError\(|External\()?{name}\("(.*?)"\)', text, re.S):
            return words + match.group(1).replace('\\"', '"')
    return text


def optimizer_prefix(text):
    """A width that is no interval fails while constants are folded, and the server says so first."""
    if "Invalid input syntax for type interval" not in text:
        return text
    return f"Optimizer rule 'simplify_expressions' failed\ncaused by\n{text}"


def shown(value):
    if hasattr(value, "isoformat"):
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    return value


def rewritten(sql, length):
    """OpenObserve's own functions in DataFusion's terms."""
    def binned(match):
        width = match.group(2) or ("1 hour" if length > 6 * 3_600_000_000 else "1 minute")
        if length >= 60 * 86_400_000_000:
            width = match.group(2) or "1 day"
        return f"date_bin(INTERVAL '{width}', to_timestamp_micros({match.group(1)}), TIMESTAMP '2001-01-01T00:00:00')"
    sql = re.sub(r"histogram\(\s*(\w+)\s*(?:,\s*'([^']*)')?\s*\)", binned, sql, flags=re.I)
    return re.sub(r"str_match\(\s*(\w+)\s*,\s*('(?:[^']|'')*')\s*\)", r"(strpos(\1, \2) > 0)", sql, flags=re.I)


def is_input(key):
    return key in TEXT_INPUTS or key.startswith(("gen_ai.prompt", "gen_ai.completion", "llm.input_messages"))


def derived(given):
    """The columns that v0.60.5 adds to a span of a call."""
    def integer(key):
        return int(given[key]) if re.fullmatch(r"\d+", given.get(key) or "") else None
    read, written = integer("gen_ai.usage.input_tokens"), integer("gen_ai.usage.output_tokens")
    has_text = any(is_input(key) for key in given)
    cost = given.get("gen_ai.usage.cost")
    row = {"_o2_llm_observation_type": "GENERATION",
           "_o2_llm_model_name": given.get("gen_ai.response.model") or given.get("gen_ai.request.model"),
           "_o2_llm_provider_name": given.get("gen_ai.provider.name") or given.get("gen_ai.system"),
           "_o2_llm_usage_details_input": read, "_o2_llm_usage_details_output": written}
    if has_text:
        row["_o2_llm_usage_details_total"] = (read or 0) + (written or 0)
    if "gen_ai.prompt.template" in given:
        row["_o2_llm_input_template"] = given["gen_ai.prompt.template"]
    if cost and re.fullmatch(r"\d+(\.\d+)?", cost) and float(cost) > 0:
        row["_o2_llm_cost_details_total"] = float(cost)
    return {key: value for key, value in row.items() if value is not None}


def from_json(found):
    from google.protobuf.json_format import ParseDict
    text = json.dumps(found)
    for key in ("traceId", "spanId", "parentSpanId"):
        text = re.sub(rf'"{key}": "([0-9a-fA-F]*)"', lambda match, key=key: f'"{key}": "{base64.b64encode(bytes.fromhex(match.group(1))).decode()}"', text)
    return ParseDict(json.loads(text), ExportTraceServiceRequest(), ignore_unknown_fields=True)


def json_body(body, is_new):
    try:
        found = json.loads(body)
    except ValueError as error:
        said = f"EOF while parsing a value at line 1 column {len(body)}"
        raise (Failure(400, f"Failed to parse the request body as JSON: query: {said}") if is_new else refusal(400, 400, said)) from error
    if "sql" not in found.get("query", {}):
        said = f"missing field `sql` at line 1 column {len(body)}"
        raise Failure(422, f"Failed to deserialize the JSON body into the target type: query: {said}") if is_new else refusal(400, 400, said)
    return found


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin: Standin

    def log_message(self, *_):
        pass

    def answer(self, status, body, content_type=None, headers=None):
        data = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
        default = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
        self.send_response(status)
        self.send_header("Content-Type", content_type or default)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def handle_request(self):
        standin = self.standin
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        url = urlparse(self.path)
        if url.path == "/standin/fault":
            standin.fault = json.loads(body)
            return self.answer(200, {})
        if url.path == "/standin/searches":
            found, standin.searches = standin.searches, []
            return self.answer(200, found)
        fault = standin.fault
        if fault is not None and fault.get("path", "") in self.path:
            if fault.get("times", 0) > 0:
                fault["times"] -= 1
                if fault["times"] == 0:
                    standin.fault = None
            time.sleep(fault.get("delay", 0))
            if "status" in fault:
                return self.answer(fault["status"], fault["body"], fault.get("type"))
        try:
            self.route(url, body)
        except Failure as failure:
            self.answer(failure.status, failure.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = handle_request

    def route(self, url, body):
        standin, is_new = self.standin, self.standin.is_new
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/healthz":
            return self.answer(200, {"status": "ok"})
        if url.path == "/config":
            return self.answer(200, {"version": "", "commit_hash": "", "build_type": "opensource", "timestamp_column": "_timestamp"})
        given = self.headers.get("Authorization")
        if given != standin.authorization:
            return self.answer(401, {"code": 401, "message": "Unauthorized Access"} if given is None and is_new else "Unauthorized Access",
                               headers=None if given is None and is_new else {"WWW-Authenticate": 'Bearer realm="openobserve"'})
        if url.path == "/api/organizations":
            return self.answer(200, {"data": [{"id": 1, "identifier": name, "name": name} for name in ORGANIZATIONS]})
        parts = [unquote(part) for part in url.path.split("/")[2:]]
        organization, rest = parts[0], parts[1:]
        if organization not in ORGANIZATIONS:
            if is_new:
                raise Failure(404, "Organization not found")
            return self.answer(200, {"list": [], "total": 0} if rest == ["streams"] else {"hits": [], "total": 0})
        if rest == ["streams"]:
            found = [standin.describe(name, False) for name in sorted(standin.streams)]
            return self.answer(200, {"list": found, "total": len(found)})
        if len(rest) == 3 and rest[0] == "streams" and rest[2] == "schema":
            if rest[1] not in standin.streams:
                raise refusal(404, 404, "stream not found")
            return self.answer(200, standin.describe(rest[1], True))
        if len(rest) == 3 and rest[0] == "streams" and rest[2] == "settings":
            stream = standin.streams[rest[1]]
            stream.max_query_range = json.loads(body).get("max_query_range", stream.max_query_range)
            return self.answer(200, {"code": 200, "message": ""})
        if rest == ["v1", "traces"]:
            is_json = (self.headers.get("Content-Type") or "").startswith("application/json")
            standin.ingest(body, self.headers.get("Content-Type") or "", self.headers.get("stream-name") or "default")
            return self.answer(200, {} if is_json else b"", None if is_json else "application/x-protobuf")
        if rest == ["_search"]:
            return self.answer(200, standin.search(body, query.get("type", "logs")))
        raise refusal(404, 404, "Not Found")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", choices=("v0.60.5", "v0.14.7"), default="v0.60.5")
    parser.add_argument("--user", default="root@example.com")
    parser.add_argument("--password", default="pass")
    options = parser.parse_args()
    Handler.standin = Standin(options.version, options.user, options.password)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
