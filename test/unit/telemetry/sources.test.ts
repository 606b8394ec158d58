import * as assert from "node:assert/strict";
import type { SavedServer } from "../../../src/core/telemetry/connectForm";
import { remoteServer } from "../../../src/core/telemetry/sources/servers";
import { type RemoteProvider, sourcesOf } from "../../../src/core/telemetry/source";
import { describeSource, receiverText } from "../../../src/core/telemetry/sourceStatus";
import {
  type RemoteId,
  type SourceId,
  remoteIds,
  sourceTable,
  sources,
} from "../../../src/core/telemetry/sources/sources";

/** A source as somebody would add it. */
const lake: RemoteProvider<SavedServer & { table: string }, { url: string; key: string; table: string }> = {
  name: "the span lake",
  title: "Span lake",
  isLocal: false,
  label: ({ table, stream }) => `Span lake · ${table} / ${stream}`,
  links: {
    trace: ({ url }, traceId) => `${url}/trace/${traceId}`,
    traces: ({ url }, { dimension, value }) => `${url}/traces?${dimension}=${value ?? ""}`,
  },
  form: {
    key: "spanLake",
    fields: [{ name: "url", prompt: () => "Address" }],
    read: ({ url = "" }) => ({ saved: { url, table: "t" }, secret: "" }),
    server: ({ url, table }, key) => ({ url, key, table }),
    details: ({ url }) => [{ name: "Address", value: url }],
  },
};
const more = sourcesOf({ ...sourceTable, lake });
const well = { failure: null, receiver: { kind: "off" }, local: null } as const;
const failure = { kind: "unreachable", message: "It is down.", nextStep: "Look at it.", isTransient: true };

describe("A source that is added to the table", () => {
  const inUse = more.use("lake", { url: "https://lake.example", table: "t", stream: "llm" });

  it("is told apart by its id, on the command line and between processes", () => {
    assert.deepEqual(more.ids, [...sources.ids, "lake"]);
    assert.ok(more.isId("lake") && !sources.isId("lake") && !more.isId("constructor"));
  });

  it("heads views, and has links to its own pages", () => {
    assert.deepEqual([inUse.label, inUse.name, inUse.isLocal], ["Span lake · t / llm", "the span lake", false]);
    assert.equal(inUse.links?.trace("ab", 0), "https://lake.example/trace/ab");
    assert.equal(inUse.links?.traces({ dimension: "team", value: "x" }, 0, 1), "https://lake.example/traces?team=x");
  });

  it("is in the status bar, whatever the receiver does", () => {
    assert.deepEqual(describeSource(inUse, well), {
      text: "$(pulse) Span lake",
      tooltip: "spend is read from the span lake.",
      isTrouble: false,
    });
    assert.deepEqual(describeSource(inUse, { ...well, receiver: { kind: "failed", failure }, failure }), {
      text: "$(warning) Span lake",
      tooltip: "It is down. Look at it.",
      isTrouble: true,
    });
  });

  it("doesn't compile where it is forgotten", () => {
    const known: Record<SourceId, true> = { local: true, openobserve: true };
    // @ts-expect-error what has an entry for each source can't do without one
    const all: Record<SourceId | "lake", true> = known;
    assert.equal("lake" in all, false);
    // @ts-expect-error a connection of one source is none of another
    assert.throws(() => more.use("lake", null));
  });
});

describe("The table of sources", () => {
  it("gives every source words of its own, and every one on a server a key that stays", () => {
    for (const word of ["name", "title"] as const)
      assert.equal(new Set(sources.ids.map((id) => sourceTable[id][word])).size, sources.ids.length);
    const keys: Record<RemoteId, string> = { openobserve: "openObserve" };
    for (const id of remoteIds) assert.equal(sourceTable[id].form.key, keys[id]);
    assert.deepEqual(
      sources.ids.filter((id) => !sourceTable[id].isLocal),
      remoteIds,
    );
  });

  it("has what crosses to the worker for each: what its form makes is taken, and nothing of another shape", () => {
    const { form } = sourceTable.openobserve;
    const answers = {
      url: "observe.example.com/web/",
      organization: " default ",
      user: "a@example.com",
      password: "p",
    };
    const { saved, secret } = form.read(answers);
    assert.deepEqual(saved, { url: "https://observe.example.com", organization: "default" });
    const remote = { id: "openobserve", server: form.server(saved, secret, { strictTls: true }) };
    assert.deepEqual(remoteServer.parse(remote), remote);
    assert.equal(remoteServer.safeParse({ ...remote, id: "lake" }).success, false);
    assert.equal(remoteServer.safeParse({ ...remote, server: { url: "https://x" } }).success, false);
  });

  it("asks for a password only where no token is given", () => {
    const password = sourceTable.openobserve.form.fields.find(({ name }) => name === "password");
    assert.equal(password?.isAsked?.({ user: " basic abc" }), false);
    assert.equal(password?.isAsked?.({ user: "a@example.com" }), true);
    assert.equal(sourceTable.openobserve.form.read({ url: "https://x", user: "Basic abc" }).secret, "Basic abc");
  });

  it("says how the local store's receiver is", () => {
    const local = sources.use("local", null);
    const said = (receiver: Parameters<typeof receiverText>[0]) =>
      receiver === undefined ? "" : describeSource(local, { failure: null, receiver, local: { spans: 1 } }).text;
    assert.deepEqual(
      [{ kind: "off" as const }, { kind: "elsewhere" as const }, { kind: "receiving" as const, port: 4318 }].map(
        (one) => [said(one), receiverText(one)],
      ),
      [
        ["$(circle-slash) Not receiving", "receiver off"],
        ["$(pulse) Local spend", "another window receives"],
        ["$(pulse) Receiving :4318", "receiving on :4318"],
      ],
    );
    assert.equal(said({ kind: "failed", failure }), "$(warning) Not receiving");
    assert.equal(describeSource(local, { ...well, failure }).text, "$(warning) Local spend");
    assert.equal(receiverText(undefined), null);
  });
});
