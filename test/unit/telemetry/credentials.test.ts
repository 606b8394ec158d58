import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { authorizationOf, isThisMachine, isUnencrypted } from "../../../src/core/telemetry/openobserve/address";
import { OpenObserveClient } from "../../../src/core/telemetry/openobserve/client";
import { traceLink, tracesLink } from "../../../src/core/telemetry/openobserve/links";
import { root } from "../support";

const authorization = authorizationOf({ user: "a@example.com", password: "secret" });

interface Listening {
  server: Server;
  url: string;
  seen: IncomingMessage[];
}

/** A server that notes every request and answers with a status and headers. */
async function listen(status: number, headers: Record<string, string> = {}): Promise<Listening> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(status, headers).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function spend(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [path.join(root, "dist", "cli.js"), "spend", "--source", "openobserve", ...args],
      { env: { ...process.env, PROMPT_COST_OPENOBSERVE_TOKEN: "Basic c2VjcmV0", ...env } },
    );
    let stderr = "";
    child.stderr.on("data", (data) => (stderr += String(data)));
    child.on("close", (code) => resolve({ code, stderr }));
  });
}

describe("Credentials of OpenObserve", () => {
  const open: Server[] = [];
  const server = async (...given: Parameters<typeof listen>): Promise<Listening> => {
    const listening = await listen(...given);
    open.push(listening.server);
    return listening;
  };
  after(() => open.forEach((one) => one.close()));

  it("cross no network when the address is of this machine", () => {
    for (const address of [
      "http://localhost:5080",
      "http://127.0.0.1",
      "http://127.9.8.7/x",
      "http://127.1",
      "http://[::1]:5080",
    ])
      assert.deepEqual([isThisMachine(address), isUnencrypted(address)], [true, false], address);
    for (const address of [
      "http://10.0.0.1",
      "http://0.0.0.0",
      "http://example.com",
      "http://localhost.example.com",
      "http://127.0.0.1.example.com",
      "http://128.0.0.1",
      "http://[::2]",
    ])
      assert.deepEqual([isThisMachine(address), isUnencrypted(address)], [false, true], address);
    assert.equal(isUnencrypted("https://example.com"), false);
  });

  for (const status of [301, 302, 303, 307, 308])
    it(`follow no redirect (${status}), to another host or down to http`, async () => {
      const other = await server(200);
      const first = await server(status, { location: `${other.url}/config` });
      const client = new OpenObserveClient({ url: first.url, organization: "default", authorization });
      await assert.rejects(client.version());
      assert.equal(first.seen.length, 1);
      assert.equal(first.seen[0]?.headers.authorization, authorization);
      assert.deepEqual(other.seen, []);
    });

  it("go to no proxy on the way to this machine", async () => {
    const proxy = await server(200, { "content-type": "application/json" });
    const own = await server(200, { "content-type": "application/json" });
    const { port } = new URL(proxy.url);
    const client = new OpenObserveClient(
      { url: own.url, organization: "default", authorization },
      { proxy: { protocol: "http", host: "127.0.0.1", port: Number(port) } },
    );
    await client.version().catch(() => undefined);
    await spend(["--url", own.url, "--stream", "s"], {
      HTTP_PROXY: proxy.url,
      http_proxy: proxy.url,
      NO_PROXY: "",
      no_proxy: "",
    });
    assert.deepEqual([proxy.seen.length, own.seen.length >= 2], [0, true]);
  });

  it("are refused to an unencrypted address on the command line, unless a flag allows it", async () => {
    // A name that resolves nowhere: what matters is whether it is tried.
    const url = "http://openobserve.invalid";
    const refused = await spend(["--url", url, "--stream", "s"]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /unencrypted.*--allow-http/);
    const allowed = await spend(["--url", url, "--stream", "s", "--allow-http"], { NO_PROXY: "*", no_proxy: "*" });
    assert.doesNotMatch(allowed.stderr, /--allow-http/);
    assert.match(allowed.stderr, /can't be (found|reached)/);
  });
});

describe("Links to traces", () => {
  const place = { url: "https://example.com/prefix", organization: "a&b=#", stream: "<s>" };

  it("lead to the configured server only", () => {
    for (const hostile of ["https://evil.example", "//evil.example", "javascript:alert(1)", "../../..", "a#b?c&d"]) {
      for (const link of [traceLink(place, hostile, 1e9), tracesLink({ ...place, stream: hostile }, hostile, 0, 1)]) {
        const { origin, pathname, searchParams } = new URL(link);
        assert.equal(origin, "https://example.com");
        assert.ok(pathname.startsWith("/prefix/web/traces"));
        assert.equal(searchParams.get("org_identifier"), "a&b=#");
      }
    }
  });

  it("name the trace, and a time that holds all of it", () => {
    const trace = new URL(traceLink(place, "ab12", 1_000_000_000.5)).searchParams;
    assert.deepEqual([trace.get("stream"), trace.get("trace_id")], ["<s>", "ab12"]);
    // Ten minutes before the call, as its trace may have begun long before it, and ten and a bit after.
    assert.deepEqual([trace.get("from"), trace.get("to")], ["400000000", "1610000001"]);
    const traces = new URL(tracesLink(place, "feature = 'ü'", 1.5, 2.5)).searchParams;
    assert.deepEqual([traces.get("from"), traces.get("to")], ["1", "3"]);
    assert.equal(Buffer.from(traces.get("query") ?? "", "base64url").toString(), "feature = 'ü'");
  });

  it("are none where the address is no server's", () => {
    for (const url of ["javascript:alert(1)//", "file:///etc", "https://user@example.com", "command:x"])
      assert.throws(() => traceLink({ ...place, url }, "1", 0), url);
  });
});
