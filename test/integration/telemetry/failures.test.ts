import * as assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { authorizationOf, normalUrl } from "../../../src/core/telemetry/openobserve/address";
import { OpenObserveClient } from "../../../src/core/telemetry/openobserve/client";
import { discover, findStream } from "../../../src/core/telemetry/openobserve/discover";
import { OpenObserveStore } from "../../../src/core/telemetry/openobserve/openObserveStore";
import { quote } from "../../../src/core/telemetry/openobserve/quote";
import { total } from "../../../src/core/telemetry/spend";
import { TelemetryError } from "../../../src/core/telemetry/store";
import { Standin, dataset, versions } from "../../openobserve/standin";
import { builtInPrices } from "../../unit/support";
import { requestOf, span } from "../../unit/telemetry/spans";

const query = { fromUs: dataset.start * 1e6, toUs: dataset.end * 1e6, bucketUs: 3_600_000_000, filters: {} };
const client = (
  url: string,
  { organization = "default", authorization = Standin.authorization, timeout = 5000 } = {},
): OpenObserveClient => new OpenObserveClient({ url, organization, authorization }, { timeout, proxy: null });
const spend = (url: string, stream = "llm", options = {}) =>
  new OpenObserveStore(client(url, options), stream).spend(query, builtInPrices);

/** The failure's kind, after checking that it says what happened and what to do. */
async function kindOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TelemetryError, String(error));
  assert.match(error.message, /^["A-Zh].+[.]$/s);
  assert.match(error.nextStep, /^[A-Z].+[.]$/s);
  assert.ok(!error.message.includes(Standin.authorization));
  return error.kind;
}

const listening = async (server: http.Server): Promise<string> => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

for (const version of versions) {
  describe(`Failures of OpenObserve ${version}`, () => {
    let standin: Standin;
    before(async () => {
      standin = await Standin.start(version);
      for (const request of dataset.requests) await standin.ingest(request);
      await standin.ingest(
        requestOf([
          span({
            at: dataset.end * 1000 - 5000,
            attributes: {
              "gen_ai.operation.name": "-",
              "gen_ai.provider.name": "-",
              "gen_ai.request.model": "-",
              "http.route": "/",
            },
          }),
        ]),
        "web",
      );
    });
    after(() => standin.stop());
    afterEach(() => standin.fail(null));

    const search = "_search";
    const sentences: [string, () => Promise<unknown>, string][] = [
      ["nobody listens", () => spend("http://127.0.0.1:9"), "unreachable"],
      ["no such host", () => spend("http://nowhere.invalid"), "unreachable"],
      [
        "a wrong password",
        () =>
          spend(standin.url, "llm", { authorization: authorizationOf({ user: "root@example.com", password: "no" }) }),
        "unauthorized",
      ],
      [
        "a wrong organisation",
        () => findStream(client(standin.url, { organization: "nosuchorg" })),
        "unknown-organization",
      ],
      ["a stream without calls to models", () => spend(standin.url, "web"), "no-llm-spans"],
    ];
    for (const [name, run, kind] of sentences)
      it(`says it: ${name}`, async () => assert.equal(await kindOf(run()), kind));

    const faults: [string, { status?: number; body?: unknown; type?: string; delay?: number }, string, number?][] = [
      ["a rate limit", { status: 429, body: { code: 20012, message: "too many" } }, "rate-limit"],
      ["a search that timed out", { status: 408, body: { code: 20010, message: "timeout" } }, "timeout"],
      ["no answer in time", { delay: 1 }, "timeout", 200],
      ["no room", { status: 503, body: { code: 503, message: "ResourceError" } }, "overloaded"],
      ["an account that may not", { status: 403, body: "Unauthorized Access" }, "forbidden"],
      [
        "a proxy's page, as an error",
        { status: 502, body: "<html><body>Bad gateway</body></html>", type: "text/html" },
        "not-openobserve",
      ],
      [
        "a proxy's page, as an answer",
        { status: 200, body: "<!DOCTYPE html><title>Sign in</title>", type: "text/html" },
        "not-openobserve",
      ],
      ["an answer that isn't what the contract says", { status: 200, body: { rows: [] } }, "bad-answer"],
      ["a redirect to a sign-in", { status: 302, body: "" }, "not-openobserve"],
      [
        "an unknown stream, as newer servers say it",
        { status: 400, body: { code: 20002, message: "Search stream not found: llm" } },
        "unknown-stream",
      ],
      [
        "an unknown stream, as older ones do",
        { status: 200, body: { hits: [], is_partial: true, function_error: ["Stream not found llm"] } },
        "unknown-stream",
      ],
    ];
    for (const [name, fault, kind, timeout] of faults) {
      it(`says it: ${name}`, async () => {
        await standin.fail({ path: search, ...fault });
        assert.equal(await kindOf(spend(standin.url, "llm", timeout === undefined ? {} : { timeout })), kind);
      });
    }

    it("reads the schema again after an unknown column, once", async () => {
      const store = new OpenObserveStore(client(standin.url), "llm");
      await standin.fail({
        path: search,
        status: 400,
        body: { code: 20004, message: "Search field not found: feature" },
        times: 1,
      });
      assert.ok(total(await store.spend(query, builtInPrices)).costUsd > 13.8);
      await standin.fail({
        path: search,
        status: 400,
        body: { code: 20004, message: "Search field not found: feature" },
      });
      assert.equal(await kindOf(store.spend(query, builtInPrices)), "unknown-column");
    });

    it("marks what is partial, with the reason, as a text or a list", async () => {
      for (const function_error of ["a node timed out", ["a node timed out"]]) {
        await standin.fail({ path: search, status: 200, body: { hits: [], is_partial: true, function_error } });
        const cube = await spend(standin.url);
        assert.deepEqual(
          [cube.partial, cube.warnings],
          [true, ["OpenObserve could read only a part of the data: a node timed out"]],
        );
      }
    });

    it("says how far a clamped range reaches", async () => {
      const settings = (hours: number) =>
        fetch(`${standin.url}/api/default/streams/llm/settings?type=traces`, {
          method: "PUT",
          headers: { Authorization: Standin.authorization },
          body: JSON.stringify({ max_query_range: hours }),
        });
      await settings(24);
      const cube = await spend(standin.url);
      await settings(0);
      assert.equal(cube.partial, true);
      assert.deepEqual(cube.warnings, [
        "The server lets a search span at most 24 hours of this stream: what is shown covers only the last 24 hours of the range.",
      ]);
      assert.ok(total(cube).calls < 100);
    });

    it("stops asking when it is told to", async () => {
      await standin.fail({ path: search, delay: 1 });
      const controller = new AbortController();
      const asked = new OpenObserveStore(client(standin.url), "llm").spend(query, builtInPrices, controller.signal);
      setTimeout(() => controller.abort(new Error("another range")), 50);
      await assert.rejects(asked, /another range/);
    });

    it("finds the stream, and says what it lacks", async () => {
      const found = await discover(client(standin.url));
      assert.deepEqual([found.allStreams, found.streams.map(({ name }) => name)], [["llm", "web"], ["llm"]]);
    });
  });
}

describe("Addresses and secrets of OpenObserve", () => {
  it("takes addresses as people have them", () => {
    assert.deepEqual(
      [
        "https://o.example.com/",
        "o.example.com",
        "http://localhost:5080/o2/",
        "https://o.example.com/o2/web/traces?x=1",
        " https://o.example.com/api/default ",
      ].map(normalUrl),
      [
        "https://o.example.com",
        "https://o.example.com",
        "http://localhost:5080/o2",
        "https://o.example.com/o2",
        "https://o.example.com",
      ],
    );
    for (const bad of ["", "ftp://a", "https://user:pass@a", "http://"])
      assert.throws(() => normalUrl(bad), TelemetryError);
  });

  it("takes a token as OpenObserve shows it, and an e-mail with a password", () => {
    assert.equal(authorizationOf({ token: "Basic cm9vdA==" }), "Basic cm9vdA==");
    assert.equal(authorizationOf({ token: "cm9vdA==" }), "Basic cm9vdA==");
    assert.equal(
      authorizationOf({ user: "é@x", password: "p:ä" }),
      `Basic ${Buffer.from("é@x:p:ä").toString("base64")}`,
    );
  });

  it("quotes every text", () => {
    assert.equal(quote(`it's "x" \\ ; --\u0000`, "value"), `'it''s "x" \\ ; --'`);
    assert.equal(quote(`a"b`, "name"), `"a""b"`);
  });

  it("says what is wrong with TLS", async () => {
    const plain = http.createServer((_request, response) => response.end("{}"));
    assert.equal(await kindOf(spend(`https://${await listening(plain)}`)), "tls");
    plain.close();
    const closed = https.createServer({});
    assert.equal(await kindOf(spend(`https://${await listening(closed)}`)), "tls");
    closed.close();
  });
});
