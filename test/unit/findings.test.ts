import * as assert from "node:assert/strict";
import { type AnyFinding, type Report, findIn } from "../../src/core/findings/finding";
import { findings } from "../../src/core/findings/registry";
import { parsePricingTable } from "../../src/core/pricing/table";
import { PRICING_FILE } from "../../src/core/pricing/tableFile";
import { type FromWorker, fromWorker } from "../../src/worker/protocol";
import { Pulse } from "../../src/worker/rpc/pulse";
import { Turns } from "../../src/worker/rpc/turns";
import { Session } from "../../src/worker/session";
import { assets } from "./support";

const code = (model: string): string =>
  `client.chat.completions.create(model="${model}", messages=[{"role": "user", "content": "Hi"}])\n`;

/** What the editor is told of a text: the messages cross as they do between worker and editor. */
function findingsOf(text: string, list?: readonly AnyFinding[]): Promise<Report[]> {
  return new Promise((resolve) => {
    const pulse = new Pulse();
    const take = (sent: FromWorker): void => {
      const message = fromWorker.parse(structuredClone(sent));
      if (message.kind === "estimates") resolve(message.findings);
    };
    const session = new Session(assets, take, new Turns(pulse, () => undefined), pulse, list);
    session.receive({ kind: "document", uri: "a", version: 1, languageId: "python", file: null, text });
  });
}

describe("The list of findings", () => {
  it("is all that the worker and the editor need of a new one", async () => {
    const fake: AnyFinding = {
      id: "fake",
      about: "call",
      severity: "information",
      description: "A call has no output limit.",
      find: ({ call: { start, estimate } }) =>
        estimate.outputLimit !== null
          ? []
          : [
              {
                message: "This call has no output limit.",
                start,
                end: start + 6,
                fixes: [{ kind: "command", title: "Open the pricing table", command: "openPricingTable" }],
              },
            ],
    };
    assert.deepEqual(await findingsOf(`\n${code("gpt-4o")}`, [...findings, fake]), [
      {
        id: "fake",
        severity: "information",
        message: "This call has no output limit.",
        start: 1,
        end: 7,
        fixes: [{ kind: "command", title: "Open the pricing table", command: "openPricingTable" }],
      },
    ]);
    assert.deepEqual(await findingsOf(`\n${code("gpt-4o")}`), []);
  });

  it("has an id for each", () => {
    assert.equal(new Set(findings.map(({ id }) => id)).size, findings.length);
    for (const { id, description } of findings) assert.match(`${id}: ${description}`, /^[a-z][A-Za-z]+: [A-Z].*\.$/);
  });
});

describe("A finding", () => {
  const table = (text: string, today = new Date("2026-03-01T00:00:00Z"), hasLastValid = false): Report[] =>
    findIn("pricingTable", { text, result: parsePricingTable(text), hasLastValid, today }, findings);

  it("marks the head of a call whose model has no price", async () => {
    const text = code("nobody-knows");
    const [found, ...others] = await findingsOf(text);
    assert.deepEqual([found?.id, found?.severity, others], ["unpricedModel", "hint", []]);
    assert.equal(text.slice(found?.start, found?.end), "client.chat.completions.create");
    assert.deepEqual(await findingsOf("client.chat.completions.create(model=MODEL, messages=[])\n"), []);
  });

  it("asks for a review on the day after the last one in time, and can say that it is done", () => {
    const text = '{ "lastReviewed": "2026-01-01", "reviewEveryDays": 30, "models": {} }';
    assert.deepEqual(table(text, new Date("2026-01-31T23:00:00Z")), []);
    const [found] = table(text, new Date("2026-02-01T00:00:00Z"));
    assert.deepEqual([found?.id, text.slice(found?.start, found?.end)], ["pricesToReview", '"lastReviewed"']);
    assert.match(found?.message ?? "", /is 1 day overdue/);
    const [fix] = found?.fixes ?? [];
    assert.ok(fix?.kind === "edit");
    const [edit] = fix.edits;
    assert.ok(edit !== undefined);
    assert.equal(text.slice(edit.start, edit.start + edit.was.length), "2026-01-01");
    const fixed = text.slice(0, edit.start) + edit.text + text.slice(edit.start + edit.was.length);
    assert.deepEqual(table(fixed, new Date("2026-02-01T00:00:00Z")), []);
  });

  it("says at each mistake of a table which prices are used until it is fixed", () => {
    const text = '{ "models": { "m": { "input": "much" } } }';
    for (const [hasLastValid, prices] of [
      [true, /the last valid table is used/],
      [false, /built-in prices are used/],
    ] as const) {
      const [found, ...others] = table(text, new Date(), hasLastValid);
      assert.deepEqual([found?.id, found?.severity, others], ["invalidPricingTable", "error", []]);
      assert.equal(text.slice(found?.start, found?.end), '"much"');
      assert.match(found?.message ?? "", prices);
    }
  });

  it("compares a wrapper's prices, and leaves alone what isn't a wrapper's", () => {
    const own = "# Generated by Prompt Cost Lens\nPRICES = {}\n";
    const about = (text: string, wanted: string): string[] =>
      findIn("wrapperPrices", { text, wanted }, findings).map(({ id }) => id);
    assert.deepEqual(about(own, own), []);
    assert.deepEqual(about(own, `${own}# newer\n`), ["staleWrapperPrices"]);
    assert.deepEqual(about("PRICES = {}\n", own), []);
    assert.match(findIn("wrapperPrices", { text: own, wanted: "" }, findings)[0]?.message ?? "", RegExp(PRICING_FILE));
  });
});
