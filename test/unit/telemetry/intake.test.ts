import * as assert from "node:assert/strict";
import { Admission } from "../../../src/core/telemetry/receiver/admission";
import { Intake } from "../../../src/core/telemetry/receiver/intake";
import { llmSpans } from "./spans";

describe("Intake of the receiver", () => {
  const request = () => llmSpans(Array.from({ length: 1500 }, () => ({ at: Date.now() })));

  it("lets new connections in between two writes of a long queue", async () => {
    let turns = 0;
    let isRunning = true;
    const count = (): void => {
      turns++;
      if (isRunning) setImmediate(count);
    };
    setImmediate(count);
    const turnsAtWrite: number[] = [];
    const intake = new Intake(
      (spans) => {
        turnsAtWrite.push(turns);
        return { added: spans.length, rejected: new Map() };
      },
      () => undefined,
    );
    const admission = new Admission();
    const waiting = [];
    for (let sent = 0; sent < 4; sent++) waiting.push(intake.add(request(), await admission.admit(1, 1)));
    assert.equal(intake.waitingSpans, 6000);
    await Promise.all(waiting);
    isRunning = false;
    // One connection is accepted in a turn.
    assert.equal(turnsAtWrite.length, 4);
    turnsAtWrite.forEach((at, index) => assert.ok(at - (turnsAtWrite[index - 1] ?? 0) >= 40, turnsAtWrite.join()));
    assert.equal(intake.waitingSpans, 0);
  });

  it("writes what arrived together at once, and gives each sender its own share of what was rejected", async () => {
    const [first, second] = [request(), request().slice(0, 10)];
    const rejected = second[3] ?? assert.fail();
    const writes: number[] = [];
    const measured: number[] = [];
    const intake = new Intake(
      (spans) => {
        writes.push(spans.length);
        return { added: spans.length - 1, rejected: new Map([[rejected, "too-old"]]) };
      },
      (bytes) => measured.push(bytes),
    );
    const admission = new Admission();
    const tickets = [await admission.admit(100, 100), await admission.admit(200, 200)] as const;
    const answers = await Promise.all([intake.add(first, tickets[0]), intake.add(second, tickets[1])]);
    assert.deepEqual(writes, [1510]);
    assert.deepEqual(measured, [tickets[0].bytes + tickets[1].bytes]);
    assert.deepEqual(
      answers.map((tally) => tally.entries()),
      [[], [["too-old", 1]]],
    );
  });
});
