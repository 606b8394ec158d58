import * as assert from "node:assert/strict";
import {
  Admission,
  MAX_PENDING_BYTES,
  MAX_WAIT_SECONDS,
  type Ticket,
} from "../../../src/core/telemetry/receiver/admission";
import { Refusal } from "../../../src/core/telemetry/receiver/refusal";

const MEGABYTE = 1_000_000;
/** An admission whose queue drains at so many bytes a second, and holds nobody for longer than a turn. */
function draining(bytesPerSecond: number, holdSeconds = 0): Admission {
  const admission = new Admission(holdSeconds);
  for (let batch = 0; batch < 200; batch++) admission.measure(bytesPerSecond, 1);
  return admission;
}
const refusalOf = (attempt: Promise<Ticket>): Promise<Refusal | null> =>
  attempt.then(
    () => null,
    (error: unknown) => (error instanceof Refusal ? error : assert.fail(String(error))),
  );
/** Admits requests of a size until one is refused, and gives how many there were. */
async function fill(admission: Admission, bytes: number): Promise<number> {
  for (let admitted = 0; ; admitted++) if ((await refusalOf(admission.admit(bytes, bytes))) !== null) return admitted;
}

describe("Admission to the receiver", () => {
  it("takes what drains in time at the measured rate, and refuses the rest with 503", async () => {
    for (const rate of [MEGABYTE / 2, 2 * MEGABYTE, 8 * MEGABYTE]) {
      const admission = draining(rate);
      const admitted = await fill(admission, MEGABYTE / 10);
      assert.ok(Math.abs((admitted * MEGABYTE) / 10 - rate * MAX_WAIT_SECONDS) < rate * MAX_WAIT_SECONDS * 0.25);
      const refusal = await refusalOf(admission.admit(1, 1));
      assert.equal(refusal, null, "a small one still fits");
      const next = await refusalOf(admission.admit(MEGABYTE, MEGABYTE));
      assert.deepEqual([next?.status, next?.reason, next?.retryAfter], [503, "overloaded", MAX_WAIT_SECONDS]);
    }
  });

  it("never holds more than its share of memory, however fast it drains", async () => {
    const admission = draining(1e12);
    assert.equal(await fill(admission, 10 * 1024 * 1024), Math.floor(MAX_PENDING_BYTES / (10 * 1024 * 1024)));
  });

  it("takes one request that is alone, however slow it drains", async () => {
    const admission = draining(1000);
    assert.equal(await refusalOf(admission.admit(20 * MEGABYTE, 20 * MEGABYTE)), null);
    assert.equal((await refusalOf(admission.admit(1, 1)))?.status, 503);
  });

  it("lets those who are held in as soon as there is room, in turn, and none twice", async () => {
    const admission = draining(MEGABYTE, 3600);
    const first = await admission.admit(2 * MEGABYTE, 2 * MEGABYTE);
    const order: string[] = [];
    const waiting = ["a", "b", "c"].map((name) =>
      admission.admit(2 * MEGABYTE, 2 * MEGABYTE).then((ticket) => {
        order.push(name);
        return ticket;
      }),
    );
    const small = admission.admit(1, 1).then((ticket) => (order.push("small"), ticket));
    assert.deepEqual([admission.queue.requests, admission.queue.held], [1, 4]);
    first.release();
    first.release();
    for (const next of waiting) (await next).release();
    (await small).release();
    assert.deepEqual(order, ["a", "b", "c", "small"]);
    assert.deepEqual(admission.queue, { requests: 0, bytes: 0, held: 0 });
  });

  it("counts the bytes that a body turned out to have", async () => {
    const admission = draining(MEGABYTE);
    const ticket = await admission.admit(1000, 1000);
    ticket.resize(5 * MEGABYTE);
    assert.equal((await refusalOf(admission.admit(1, 1)))?.status, 503);
    ticket.resize(1000);
    assert.equal(await refusalOf(admission.admit(1, 1)), null);
  });

  it("keeps no room for what is announced and doesn't come", async () => {
    const admission = draining(MEGABYTE);
    const slow = await Promise.all(Array.from({ length: 300 }, () => admission.admit(1, 20 * MEGABYTE)));
    assert.equal(await refusalOf(admission.admit(MEGABYTE / 10, MEGABYTE / 10)), null);
    // What has come lets expect as much again, until that is late.
    slow[0]?.arrive(MEGABYTE / 4);
    assert.equal((await refusalOf(admission.admit(MEGABYTE / 10, MEGABYTE / 10)))?.status, 503);
    slow[0]?.doubt(MEGABYTE / 4);
    assert.equal(await refusalOf(admission.admit(MEGABYTE / 10, MEGABYTE / 10)), null);
    slow[0]?.arrive(MEGABYTE);
    assert.ok(admission.queue.bytes < 3 * MEGABYTE);
  });

  it("takes no more bytes than its share of memory from senders that it has admitted", async () => {
    const admission = draining(1e12);
    const tickets = await Promise.all(Array.from({ length: 4 }, () => admission.admit(0, 20 * MEGABYTE)));
    for (const ticket of tickets.slice(1)) ticket.arrive(20 * MEGABYTE);
    assert.throws(() => tickets[0]?.arrive(20 * MEGABYTE), { status: 503, reason: "overloaded" });
    for (const ticket of tickets) ticket.release();
    assert.deepEqual(admission.queue, { requests: 0, bytes: 0, held: 0 });
  });
});
