import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { span } from "../unit/telemetry/spans";
import type { Span } from "../openobserve/otlp";

/** A call as `prompt-cost store export` writes it: a JSON object a line. */
export interface StoredCall {
  spanId: string;
  costUsd: number | null;
}

/** What was sent, and what of it the receiver has confirmed: the one thing that it may never lose. */
export class Ledger {
  private readonly costs = new Map<string, number>();
  private readonly confirmed = new Set<string>();
  private readonly unanswered: Span[] = [];

  /** New spans of calls at this time, each of a cost of its own; now and then some that got no answer before. */
  next(count: number): Span[] {
    const again = Math.random() < 0.3 ? this.unanswered.splice(0, count) : [];
    const fresh = Array.from({ length: count - again.length }, () => {
      const id = randomBytes(8).toString("hex");
      // A multiple of 2^-20: sums of such costs are exact.
      const cost = (1 + Math.floor(Math.random() * 2 ** 20)) / 2 ** 20;
      this.costs.set(id, cost);
      const attributes = {
        "gen_ai.usage.cost_usd": cost,
        "gen_ai.usage.input_tokens": 1 + Math.floor(Math.random() * 5000),
        feature: `feature-${Math.floor(Math.random() * 20)}`,
        user_id: `user-${Math.floor(Math.random() * 500)}`,
      };
      return span({ id, trace: randomBytes(16).toString("hex"), at: Date.now() - 60_000, attributes });
    });
    return [...again, ...fresh];
  }

  confirm(spans: readonly Span[]): void {
    for (const { spanId } of spans) this.confirmed.add(spanId);
  }

  /** The sender got no answer: the spans may be stored or not, and may be sent again. */
  leaveOpen(spans: readonly Span[]): void {
    this.unanswered.push(...spans);
  }

  get sentCount(): number {
    return this.costs.size;
  }

  get confirmedCount(): number {
    return this.confirmed.size;
  }

  /**
   * Every confirmed call is stored once, with its cost.
   * @param hasStrangers whether the store may hold calls that this ledger didn't send.
   * @throws AssertionError
   */
  check(stored: readonly StoredCall[], hasStrangers = false): void {
    const byId = new Map(stored.map((call) => [call.spanId, call]));
    if (!hasStrangers) {
      assert.equal(byId.size, stored.length, "a call is stored twice");
      for (const id of byId.keys()) assert.ok(this.costs.has(id), `a call is stored that nobody sent: ${id}`);
    }
    const lost = [...this.confirmed].filter((id) => !byId.has(id));
    assert.equal(lost.length, 0, `${lost.length} of ${this.confirmed.size} confirmed calls are lost`);
    for (const id of this.confirmed) assert.equal(byId.get(id)?.costUsd, this.costs.get(id), `the cost of ${id}`);
  }
}
