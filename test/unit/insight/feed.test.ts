import * as assert from "node:assert/strict";
import { Feed, type FeedState } from "../../../src/core/insight/feed";
import type { Insight, Selection } from "../../../src/core/insight/insight";
import { TelemetryError } from "../../../src/core/telemetry/store";

const of = (last: string): Selection => ({ range: { last }, filters: [] });
const answer = (selection: Selection, calls: number): Insight => ({
  selection,
  calls,
  fromMs: 0,
  toMs: 0,
  answeredMs: 0,
  newestMs: null,
  tiles: [],
  timeline: {
    kind: "chart",
    id: "t",
    tab: "overview",
    title: "",
    form: "lines",
    unit: "usd",
    axis: { kind: "members", members: [] },
    series: [],
    note: null,
    isWide: false,
  },
  features: [],
  newest: [],
  panels: [],
  notices: [],
  options: { environment: [], team: [], model: [] },
});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A source that answers when it is told to. */
class Source {
  asked: {
    selection: Selection;
    signal: AbortSignal;
    answer: (calls: number) => void;
    fail: (error: Error) => void;
  }[] = [];
  ask = (selection: Selection, signal: AbortSignal): Promise<Insight> =>
    new Promise((resolve, reject) =>
      this.asked.push({ selection, signal, answer: (calls) => resolve(answer(selection, calls)), fail: reject }),
    );
  get last() {
    return this.asked.at(-1) ?? assert.fail("nothing was asked");
  }
}

describe("Feed", () => {
  let source: Source;
  let feed: Feed;
  let states: FeedState[];
  const options = { everyMs: () => 40, leastMs: 10, mostMs: 200 };
  beforeEach(() => {
    source = new Source();
    states = [];
    feed = new Feed(of("24h"), source.ask, (state) => states.push(state), options);
  });
  afterEach(() => feed.dispose());

  it("asks nothing while nothing is to be seen", async () => {
    feed.refresh();
    feed.changed();
    await pause(100);
    assert.equal(source.asked.length, 0);
    feed.show(true);
    assert.equal(source.asked.length, 1);
    source.last.answer(1);
    await pause(5);
    feed.show(false);
    feed.changed();
    await pause(150);
    assert.equal(source.asked.length, 1, "hidden, it asks no more");
    feed.show(true);
    assert.equal(source.asked.length, 2, "shown again, it asks at once: its data has grown old");
  });

  it("asks again after its time, and soon where the source has changed, one question at a time", async () => {
    feed.show(true);
    feed.changed();
    await pause(60);
    assert.equal(source.asked.length, 1, "the first is not answered yet");
    source.last.answer(1);
    await pause(25);
    assert.equal(source.asked.length, 2, "something came meanwhile: it does not wait its whole time");
    source.last.answer(2);
    await pause(5);
    assert.equal(source.asked.length, 2);
    await pause(60);
    assert.equal(source.asked.length, 3);
  });

  it("cancels what is under way when something else is chosen, and never shows its answer", async () => {
    feed.show(true);
    const [first] = source.asked;
    feed.select(of("7d"));
    assert.equal(first?.signal.aborted, true);
    assert.equal(source.asked.length, 2);
    first?.answer(99);
    await pause(5);
    assert.ok(states.every(({ insight }) => insight === null));
    source.last.answer(7);
    await pause(5);
    assert.deepEqual([feed.current.insight?.calls, feed.current.selection], [7, of("7d")]);
  });

  it("keeps the last good data when a question fails, and asks less and less often", async () => {
    feed.show(true);
    source.last.answer(5);
    await pause(60);
    const asked = source.asked.length;
    const times: number[] = [];
    for (let failures = 0; failures < 4; failures++) {
      const before = performance.now();
      source.last.fail(new TelemetryError("unreachable", "Nobody answers.", "Look at the address.", true));
      const count = source.asked.length;
      while (source.asked.length === count) await pause(2);
      times.push(performance.now() - before);
    }
    assert.equal(feed.current.insight?.calls, 5);
    assert.deepEqual(feed.current.failure, {
      kind: "unreachable",
      message: "Nobody answers.",
      nextStep: "Look at the address.",
    });
    assert.ok(source.asked.length === asked + 4);
    assert.ok((times[0] ?? 0) >= 38 && (times[2] ?? 0) >= 95, `pauses ${times.map(Math.round).join()}`);
    source.last.answer(6);
    await pause(5);
    assert.deepEqual([feed.current.failure, feed.current.insight?.calls], [null, 6]);
  });

  it("forgets what another source said", async () => {
    feed.show(true);
    source.last.answer(5);
    await pause(5);
    feed.reset();
    assert.equal(feed.current.insight, null);
    assert.ok(states.some(({ isLoading }) => isLoading));
  });
});
