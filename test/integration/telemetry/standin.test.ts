import * as assert from "node:assert/strict";
import { type TracesRequest, encodeTraces } from "../../openobserve/otlp";
import { type Exchange, Standin, dataset, recordedExchanges, versions } from "../../openobserve/standin";

// Answers that the stand-in must reproduce; what changes from run to run is left out.
const compared = [
  "hits",
  "total",
  "from",
  "size",
  "code",
  "message",
  "error_detail",
  "is_partial",
  "function_error",
  "new_start_time",
  "new_end_time",
];

for (const version of versions) {
  describe(`Stand-in for OpenObserve ${version}`, function () {
    let standin: Standin;
    before(async () => (standin = await Standin.start(version)));
    after(() => standin.stop());

    let isFilled = false;
    for (const exchange of recordedExchanges(version)) {
      it(`answers ${exchange.name} as the real server did`, async () => {
        if (!isFilled && exchange.name === "search-totals") {
          isFilled = true;
          for (const request of dataset.requests) await standin.ingest(request);
        }
        const { status, body } = await send(standin, exchange);
        assert.equal(status, exchange.response.status, JSON.stringify(body).slice(0, 500));
        sameAnswer(exchange, body);
      });
    }
  });
}

async function send({ url }: Standin, { request }: Exchange): Promise<{ status: number; body: unknown }> {
  const { path, method, body } = request;
  const headers: Record<string, string> = { ...request.headers };
  if (headers["Authorization"] === "Basic <redacted>") headers["Authorization"] = Standin.authorization;
  const protobuf = (body as { "protobuf of"?: TracesRequest } | null)?.["protobuf of"];
  const data =
    protobuf !== undefined
      ? Buffer.from(encodeTraces(protobuf))
      : body === null
        ? null
        : typeof body === "string"
          ? body
          : JSON.stringify(body);
  if (headers["Content-Type"] === undefined && data !== null) headers["Content-Type"] = "application/json";
  const response = await fetch(url + path, { method, headers, body: data });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: text };
  }
}

function sameAnswer({ name, request, response }: Exchange, actual: unknown): void {
  const expected = response.body;
  if (typeof expected !== "object" || expected === null) {
    assert.ok(
      typeof actual === "string" && actual.startsWith(String(expected).slice(0, 40)),
      `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`,
    );
    return;
  }
  const [given, wanted] = [actual as Record<string, unknown>, expected as Record<string, unknown>];
  if (name === "schema") return assert.deepEqual([given["name"], given["schema"]], [wanted["name"], wanted["schema"]]);
  if (name.startsWith("streams")) return assert.deepEqual(streamNames(given), streamNames(wanted));
  for (const key of compared) {
    if (!(key in wanted)) continue;
    if (key === "hits") sameHits(request, given[key], wanted[key]);
    else if (typeof wanted[key] === "string")
      assert.equal(String(given[key]).slice(0, 30), wanted[key].slice(0, 30), key);
    else if (Array.isArray(wanted[key]))
      assert.deepEqual(
        (given[key] as string[]).map((text) => text.slice(0, 60)),
        (wanted[key] as string[]).map((text) => text.slice(0, 60)),
        key,
      );
    else assert.deepEqual(given[key], wanted[key], key);
  }
}

const streamNames = (answer: Record<string, unknown>): unknown =>
  (answer["list"] as { name: string }[]).map(({ name }) => name);

/** Rows, in order where the query asks for one (rows that are equal in it may stand either way); approximate figures within 2 %. */
function sameHits({ body }: Exchange["request"], actual: unknown, expected: unknown): void {
  const sql = String((body as { query?: { sql?: unknown } } | null)?.query?.sql);
  const rows = (value: unknown) => value as Record<string, unknown>[];
  const order = /ORDER BY (\w+)/i.exec(sql)?.[1];
  const inOrder = (value: unknown): unknown[] =>
    rows(value).map((row) =>
      typeof row[order ?? ""] === "number" ? Number(row[order ?? ""]).toPrecision(12) : row[order ?? ""],
    );
  if (order !== undefined) assert.deepEqual(inOrder(actual), inOrder(expected), `order by ${order}`);
  const name = (row: Record<string, unknown>): string =>
    JSON.stringify(
      Object.entries(row)
        .map(([column, value]) => [column, typeof value === "number" ? value.toPrecision(9) : value])
        .sort(),
    );
  const sorted = (value: unknown) => [...rows(value)].sort((a, b) => (name(a) < name(b) ? -1 : 1));
  const [given, wanted] = [sorted(actual), sorted(expected)];
  const tolerance = /approx_/.test(sql) ? 0.02 : 1e-9;
  assert.equal(given.length, wanted.length, "rows");
  for (const [index, row] of wanted.entries()) {
    const found = given[index] ?? {};
    // What "the last day" holds depends on the clock: nothing at all, later on, and a null column is left out of a row.
    const lasting = (one: Record<string, unknown>): string[] =>
      Object.keys(one)
        .filter((column) => !column.startsWith("last_"))
        .sort();
    assert.deepEqual(lasting(found), lasting(row), `columns of row ${index}`);
    for (const column of lasting(row)) {
      const [value, other] = [row[column], found[column]];
      if (column.startsWith("_o2_ingest")) continue;
      if (typeof value !== "number" || typeof other !== "number")
        assert.deepEqual(other, value, `${column} of row ${index}`);
      else
        assert.ok(
          Math.abs(other - value) <= Math.abs(value) * tolerance,
          `${column} of row ${index}: ${other} is not ${value}`,
        );
    }
  }
}
