import * as assert from "node:assert/strict";
import path from "node:path";
import { fingerprintOf } from "../../../src/core/fingerprint";
import { Failure } from "../../../src/core/failure";
import { WorkerClient } from "../../../src/worker/rpc/client";
import { Restarts } from "../../../src/worker/rpc/restarts";
import type { WorkerEnd } from "../../../src/worker/rpc/thread";
import { root } from "../support";
import { protocol } from "./protocol";

const script = path.join(root, "out/unit/rpc/worker.entry.js");
/** Long for a worker that works, short for a test. */
const SILENCE = 1_500;

const isFailure =
  (kind: string, words = /./) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.kind, kind);
    assert.match(`${error.message} ${error.nextStep}`, words);
    return true;
  };

describe("A worker's client", () => {
  const logged: string[] = [];
  const log = { info: (text: string) => logged.push(text), error: (text: string) => logged.push(text) };
  const create = (restarts = new Restarts()) =>
    new WorkerClient({
      name: "test",
      script,
      protocol: () => Promise.resolve(protocol),
      log,
      times: { silenceMs: SILENCE, tickMs: 100, idleMs: 300 },
      restarts,
    });
  let client = create();
  beforeEach(() => {
    client = create();
    logged.length = 0;
  });
  afterEach(() => client.dispose());

  const nextEnd = (): Promise<WorkerEnd> =>
    new Promise((resolve) => {
      const listener = client.onDidEnd((end) => {
        listener.dispose();
        resolve(end);
      });
    });
  const lengthOf = (uri: string): Promise<number> =>
    new Promise((resolve) => {
      const listener = client.onMessage((message) => {
        if (message.kind !== "length" || message.uri !== uri) return;
        listener.dispose();
        resolve(message.length);
      });
    });

  it("gets an answer to each request", async () => {
    const answers = Array.from({ length: 50 }, (_one, i) => client.request("double", i));
    assert.deepEqual(
      await Promise.all(answers),
      Array.from({ length: 50 }, (_one, i) => 2 * i),
    );
  });

  it("passes a failure on as it is", async () => {
    await assert.rejects(client.request("refuse", null), (error) => {
      assert.ok(error instanceof Failure);
      assert.deepEqual(
        [error.kind, error.message, error.nextStep, error.isTransient],
        ["tired", "No.", "Ask tomorrow.", true],
      );
      return true;
    });
  });

  it("takes no answer of another shape, and sends no input of one", async () => {
    await assert.rejects(client.request("wrong", null), isFailure("unexpected"));
    await assert.rejects(client.request("double", "two" as unknown as number), isFailure("unexpected"));
    assert.equal(await client.request("double", 2), 4);
  });

  it("gives up a request that takes too long, and says so to the worker", async () => {
    const cancelled = new Promise((resolve) => client.onMessage(({ kind }) => kind === "cancelled" && resolve(null)));
    await assert.rejects(client.request("late", null), isFailure("timeout", /within 0.05 s/));
    await cancelled;
  });

  it("cancels a request on an abort", async () => {
    const abort = new AbortController();
    const cancelled = new Promise((resolve) => client.onMessage(({ kind }) => kind === "cancelled" && resolve(null)));
    const answer = client.request("never", null, abort.signal);
    await client.request("double", 1);
    abort.abort();
    await assert.rejects(answer, isFailure("cancelled"));
    await cancelled;
    await assert.rejects(client.request("never", null, abort.signal), isFailure("cancelled"));
  });

  for (const [text, why] of [
    ["HANG", "hung"],
    ["CRASH", "crashed"],
  ] as const)
    it(`knows the document that a worker ${why} over, answers who asked, and goes on`, async () => {
      const asked = client.request("never", null);
      const rejected = assert.rejects(asked, isFailure(`worker-${why}`, /restarted; try again/));
      const ended = nextEnd();
      client.send({ kind: "text", uri: "good", version: 1, text: "good" });
      client.send({ kind: "text", uri: "bad", version: 7, text });
      assert.deepEqual(await ended, { why, subject: { uri: "bad", version: 7, fingerprint: fingerprintOf(text) } });
      await rejected;
      const length = lengthOf("other");
      client.send({ kind: "text", uri: "other", version: 1, text: "12345" });
      assert.equal(await length, 5);
      assert.equal(client.health.kind, "well");
    });

  it("does not repeat a request that the worker hung over, and answers others", async () => {
    await assert.rejects(client.request("hang", 1), isFailure("worker-hung", /over this request/));
    let ends = 0;
    client.onDidEnd(() => ends++);
    await assert.rejects(client.request("hang", 1), isFailure("worker-hung", /not repeated/));
    assert.equal(await client.request("double", 4), 8);
    assert.equal(ends, 0);
  });

  it("leaves long work alone that pauses, beats, was allowed or waits", async () => {
    const clients = (["pauses", "beats", "allowed", "waits"] as const).map((as) => ({ as, one: create() }));
    const ended: string[] = [];
    for (const { as, one } of clients) one.onDidEnd(() => ended.push(as));
    await Promise.all(
      clients.map(async ({ as, one }) => {
        assert.equal(await one.request("work", { ms: 2 * SILENCE, as }), null, as);
        one.dispose();
      }),
    );
    assert.deepEqual(ended, []);
  });

  it("blames nothing where long work and a document take turns", async () => {
    const work = client.request("work", { ms: 500, as: "pauses" });
    const rejected = assert.rejects(work, isFailure("worker-hung"));
    const ended = nextEnd();
    await client.request("double", 1);
    client.send({ kind: "text", uri: "bad", version: 2, text: "HANG" });
    assert.deepEqual((await ended).subject, { uri: "bad", version: 2, fingerprint: fingerprintOf("HANG") });
    await rejected;
  });

  it("finds a worker that hangs by itself, where it is watched", async () => {
    client.watchesIdle = true;
    const ended = nextEnd();
    client.send({ kind: "hangLater" });
    assert.deepEqual(await ended, { why: "hung", subject: null });
  });

  it("waits longer after each crash that nothing explains, then stays down and says how to restart", async () => {
    client = create(new Restarts([0, 20, 40]));
    const healths: string[] = [];
    const stopped = new Promise<void>((resolve) =>
      client.onDidChangeHealth(({ kind }) => {
        healths.push(kind);
        if (kind === "stopped") resolve();
      }),
    );
    let starts = 0;
    client.onDidStart(() => {
      starts++;
      client.send({ kind: "die" });
    });
    const first = client.request("never", null);
    await assert.rejects(first, isFailure("worker-crashed"));
    await stopped;
    assert.deepEqual(healths, ["resting", "well", "resting", "well", "stopped"]);
    assert.equal(starts, 4);
    await assert.rejects(client.request("double", 1), isFailure("worker-stopped", /Restart Workers/));
    assert.equal(starts, 4);
    const startsAtEnd = new Promise((resolve) => client.onDidEnd(() => resolve(starts)));
    void client.restart();
    assert.equal(await startsAtEnd, 5);
  });

  it("answers who asked when it is disposed, and afterwards", async () => {
    const asked = client.request("never", null);
    const rejected = assert.rejects(asked, isFailure("closed"));
    await client.request("double", 1);
    client.dispose();
    await rejected;
    await assert.rejects(client.request("double", 1), isFailure("closed"));
  });

  it("says so where the worker's script can't be started", async () => {
    const broken = new WorkerClient({
      name: "test",
      script: path.join(root, "out/unit/rpc/nowhere.js"),
      protocol: () => Promise.resolve(protocol),
      log,
      restarts: new Restarts([0]),
    });
    await assert.rejects(broken.request("double", 1), isFailure("worker-crashed"));
    await new Promise<void>((resolve) => {
      if (broken.health.kind === "stopped") resolve();
      else broken.onDidChangeHealth(() => resolve());
    });
    assert.match(logged.join("\n"), /nowhere\.js/);
    broken.dispose();
  });
});
