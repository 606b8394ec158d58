import * as assert from "node:assert/strict";
import { PriceBook, amountsFor, usd } from "../../../src/core/pricing/price";
import { daysOverdue, parsePricingTable } from "../../../src/core/pricing/table";
import { analyse, analysePython, assets } from "../support";

const tableOf = (text: string) => {
  const { table, problems } = parsePricingTable(text);
  assert.deepEqual(problems, []);
  assert.ok(table !== null);
  return table;
};

describe("Prices", () => {
  const table = tableOf(
    '{ "flexFactor": 0.4, "models": { "gpt-4o": { "input": 3, "output": 9, "aliases": ["my-deployment"] }, "ft:gpt-4o-mini": { "input": 1, "output": 2, "flexFactor": 0.5 } } }',
  );
  const book = new PriceBook(table, assets.catalogue);
  const input = (model: string, tier: string | null = null): number | null =>
    book.find(model, tier).price?.input ?? null;

  it("come from the user's row first, by name, alias and snapshot", () => {
    for (const name of ["gpt-4o", "my-deployment", "gpt-4o-2024-08-06", "gpt-4o-2024-05-13", "openai/gpt-4o", "GPT-4o"])
      assert.equal(input(name), 3, name);
  });

  it("fall back to the catalogue", () => {
    assert.equal(input("gpt-4o-mini"), 0.15);
    assert.equal(input("gpt-4-0613"), 30);
    assert.equal(input("text-embedding-3-small"), 0.02);
  });

  it("of a snapshot in Azure's spelling are the snapshot's, not the model's of today", () => {
    for (const date of ["", "-0301", "-0613", "-1106", "-0125"])
      assert.equal(input(`gpt-35-turbo${date}`), input(`gpt-3.5-turbo${date}`), date);
    assert.deepEqual(
      ["gpt-35-turbo-0613", "gpt-35-turbo-1106", "gpt-35-turbo-16k-0613"].map((name) => input(name)),
      [1.5, 1, 3],
    );
    const azure = new PriceBook(tableOf('{ "models": { "gpt-35-turbo": { "input": 7 } } }'), assets.catalogue);
    assert.equal(azure.find("gpt-35-turbo-0613").price?.input, 7);
  });

  it("of a name cut short are unknown: no snapshot of gpt-4 has that date", () => {
    for (const name of ["gpt-4-1106", "gpt-4-0125", "gpt-4-2024-04-09", "gpt-4o-0806", "openai/gpt-4-1106"])
      assert.equal(input(name), null, name);
    for (const name of ["gpt-4-0314", "gpt-4-0613", "openai/gpt-4-0613"]) assert.equal(input(name), 30, name);
    assert.equal(input("gpt-4-1106-preview"), 10);
  });

  it("are never a neighbour's", () => {
    for (const name of ["gpt-4o-minimal", "gpt-4", "gpt-4o-mini-next", "gpt", "my-deployment-2", "gpt-4o-"])
      assert.notEqual(input(name), 3, name);
    assert.equal(input("gpt-4o-unheard-of"), null);
    assert.equal(input("constructor"), null);
  });

  it("of a fine-tune are its own or none", () => {
    assert.equal(input("ft:gpt-4o-mini-2024-07-18:org::id"), 1);
    assert.equal(input("ft:gpt-4o:org::id"), 3.75);
    assert.equal(input("ft:gpt-4.1:org::id"), null);
  });

  it("follow the service tier, and are unknown for one without a factor", () => {
    assert.ok(Math.abs((input("gpt-4o", "flex") ?? 0) - 1.2) < 1e-9);
    assert.equal(input("ft:gpt-4o-mini:o::i", "flex"), 0.5);
    assert.equal(input("gpt-4o", "batch"), 1.5);
    assert.equal(input("gpt-4o", "priority"), null);
    assert.match(book.find("gpt-4o", "priority").reason ?? "", /priority/);
  });

  it("take a factor from the model's row, else from the table, else OpenAI's own", () => {
    const factors = new PriceBook(
      tableOf(
        '{ "batchFactor": 0.25, "models": { "gpt-4o": { "input": 4 }, "gpt-4.1": { "input": 4, "batchFactor": 0.75, "flexFactor": 0.1, "priorityFactor": 2 } } }',
      ),
      assets.catalogue,
    );
    const price = (model: string, tier: string): number | undefined => factors.find(model, tier).price?.input;
    assert.deepEqual(
      [price("gpt-4o", "batch"), price("gpt-4o", "flex"), price("gpt-4o", "priority")],
      [1, 2, undefined],
    );
    assert.deepEqual([price("gpt-4.1", "batch"), price("gpt-4.1", "flex"), price("gpt-4.1", "priority")], [3, 0.4, 8]);
    for (const tier of ["", "auto", "default", "standard"]) assert.equal(price("gpt-4.1", tier), 4, tier);
  });

  it("multiply every amount by the factor, those of long prompts too", () => {
    const rate = { input: 2, cachedInput: 1, output: 10 };
    const long = new PriceBook(null, {
      source: "test",
      vendors: {},
      rows: { long: { ...rate, model: "long", above: { ...rate, input: 4, inputTokens: 1000 } } },
    });
    const { price } = long.find("long", "batch");
    assert.ok(price !== null);
    assert.deepEqual([price.input, price.cachedInput, price.output], [1, 0.5, 5]);
    assert.deepEqual(price.above, { input: 2, cachedInput: 0.5, output: 5, inputTokens: 1000 });
    assert.deepEqual([amountsFor(price, 1000).input, amountsFor(price, 1001).input], [1, 2]);
  });

  it("of a long prompt hold for the estimate of a call, and for each of its answers", async () => {
    const rate = { input: 2, output: 10 };
    const long = new PriceBook(null, {
      source: "test",
      vendors: {},
      rows: { "gpt-4o": { ...rate, model: "gpt-4o", above: { input: 4, output: 20, inputTokens: 1000 } } },
    });
    const cost = async (words: number): Promise<unknown> => {
      const prompt = "word ".repeat(words);
      const code = `client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "${prompt}"}], max_tokens=100, n=3)`;
      const [call] = await analyse({ "a.py": code }, long);
      assert.ok(call !== undefined);
      const { input, cost: found } = call.estimate;
      return [Math.round(((found.input ?? 0) / input.tokens) * 1e12) / 1e6, found.outputLimit];
    };
    assert.deepEqual(await cost(500), [2, 0.003]);
    assert.deepEqual(await cost(1500), [4, 0.006]);
  });

  it("are unknown for a tier that is no tier, whatever it is called", async () => {
    for (const tier of ["constructor", "toString", "__proto__", "scale"])
      assert.equal(book.find("gpt-4o", tier).price, null, tier);
    const [call] = await analysePython(
      'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}], service_tier="constructor", max_tokens=10)',
    );
    assert.deepEqual(call?.estimate.cost, { input: null, outputLimit: null });
    assert.match(call.estimate.priceReason ?? "", /service tier "constructor"/);
  });

  it("give costs without the noise of binary fractions", () => {
    assert.equal(usd(412, 2.5), 0.00103);
    assert.equal(usd(500, 10), 0.005);
    assert.equal(usd(3, 0.1), 0.0000003);
  });

  it("of an unknown model are null, never 0", async () => {
    const [call] = await analyse(
      { "a.py": 'c.chat.completions.create(model="nobody", messages=[], max_tokens=5)' },
      book,
    );
    assert.deepEqual(call?.estimate.cost, { input: null, outputLimit: null });
    assert.match(call.estimate.priceReason ?? "", /no price for nobody/);
  });
});

describe("Pricing table", () => {
  const problemAt = (text: string): [string, string] => {
    const { problems } = parsePricingTable(text);
    const [first] = problems;
    assert.ok(first !== undefined, "a problem is found");
    return [text.slice(first.start, first.end), first.message];
  };

  it("says where a value is wrong", () => {
    assert.equal(problemAt('{ "models": { "a": { "input": "x" } } }')[0], '"x"');
    assert.equal(problemAt('{ "models": { "a": { "input": -1 } } }')[0], "-1");
    assert.equal(problemAt('{ "models": { "a": { "inptu": 1, "input": 1 } } }')[0], '"inptu"');
    assert.deepEqual(problemAt('{ "models": { "a": { "output": 1 } } }')[0], '"a"');
    assert.equal(problemAt('{ "lastReviewed": "yesterday", "models": {} }')[0], '"yesterday"');
  });

  it("says where JSON ends or is broken", () => {
    assert.match(problemAt('{ "models": { "a": { "input": 1 }')[1], /not JSON/);
    assert.match(problemAt('{ "models": { "a": { "input": 1, } } }')[1], /not JSON/);
    assert.match(problemAt("")[1], /./);
    assert.match(problemAt("[]")[1], /./);
  });

  it("does not take two rows for one name", () => {
    const [place, message] = problemAt('{ "models": { "a": { "input": 1, "aliases": ["b"] }, "b": { "input": 2 } } }');
    assert.deepEqual([place, message], ['"b"', '"b" already names the row of b.']);
  });

  it("asks for a review when it is due", () => {
    const table = tableOf('{ "lastReviewed": "2026-01-01", "reviewEveryDays": 30, "models": {} }');
    assert.equal(daysOverdue(table, new Date("2026-01-31T12:00:00Z")), 0);
    assert.equal(daysOverdue(table, new Date("2026-02-05T00:00:00Z")), 5);
  });
});
