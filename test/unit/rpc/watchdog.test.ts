import * as assert from "node:assert/strict";
import { Pulse } from "../../../src/worker/rpc/pulse";
import { Restarts } from "../../../src/worker/rpc/restarts";
import { Watchdog } from "../../../src/worker/rpc/watchdog";

const times = { silenceMs: 300, startMs: 600_000, tickMs: 50, idleMs: 100 };

/** Nothing of this thread runs for so long, as when the computer sleeps. */
const sleepWhole = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe("The watchdog", () => {
  const watching = (pulse: Pulse) => {
    let pings = 0;
    let bark = (): void => undefined;
    const hung = new Promise<void>((resolve) => (bark = resolve));
    let isHung = false;
    const watchdog = new Watchdog(
      pulse,
      times,
      () => pings++,
      () => {
        isHung = true;
        bark();
      },
    );
    return { watchdog, hung, isHung: () => isHung, pings: () => pings };
  };
  const turn = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it("finds a worker that takes no message from its line", async () => {
    const pulse = new Pulse();
    pulse.beat();
    const { watchdog, hung } = watching(pulse);
    // The watchdog's timer keeps no process alive.
    const alive = setInterval(() => undefined, 1000);
    watchdog.sent();
    await hung;
    clearInterval(alive);
  });

  it("holds nothing against a worker while this thread did not run", async () => {
    const pulse = new Pulse();
    pulse.beat();
    const { watchdog, isHung } = watching(pulse);
    watchdog.sent();
    sleepWhole(4 * times.silenceMs);
    await turn(0);
    assert.equal(isHung(), false);
    pulse.took();
    await turn(2 * times.tickMs);
    assert.equal(isHung(), false);
    watchdog.stop();
  });

  it("lets a worker load its code for longer, and asks nothing of one without work", async () => {
    const pulse = new Pulse();
    const { watchdog, isHung, pings } = watching(pulse);
    watchdog.sent();
    await turn(3 * times.silenceMs);
    assert.equal(isHung(), false);
    pulse.took();
    await turn(4 * times.tickMs);
    assert.equal(pings(), 0);
    watchdog.stop();
  });
});

describe("Restarts", () => {
  it("come at once after failures that are explained, and ever later after others", () => {
    const restarts = new Restarts();
    for (let i = 0; i < 100; i++) assert.equal(restarts.after(true, i), 0);
    const waits = Array.from({ length: 6 }, (_one, i) => restarts.after(false, 1000 + i));
    assert.deepEqual(waits, [0, 1_000, 4_000, 16_000, 64_000, null]);
  });

  it("forget what was long ago", () => {
    const restarts = new Restarts();
    for (let hour = 0; hour < 20; hour++) assert.equal(restarts.after(false, hour * 3_600_000), 0);
  });
});
