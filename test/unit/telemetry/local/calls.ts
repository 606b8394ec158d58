import { Database } from "node-sqlite3-wasm";
import type { LlmSpan } from "../../../../src/core/telemetry/llmSpan";

export const MINUTE_US = 60_000_000;

/** A call to put into a store; what isn't given is usual. */
export const call = (given: Partial<LlmSpan>): LlmSpan => ({
  traceId: "f".repeat(32),
  spanId: "f".repeat(16),
  parentSpanId: null,
  startUs: Date.UTC(2026, 10, 20, 6) * 1000,
  durationUs: 1_200_000,
  model: "gpt-4o",
  provider: "openai",
  feature: "support",
  team: null,
  environment: null,
  user: null,
  file: null,
  function: null,
  line: null,
  service: "app",
  finishReason: "stop",
  costUsd: 0.01,
  inputTokens: 100,
  outputTokens: 10,
  cachedTokens: null,
  reasoningTokens: null,
  firstTokenUs: null,
  isError: false,
  isRateLimited: false,
  isUnpriced: false,
  ...given,
});

/** The database of a store that is closed, as another program opens it. */
export function openDatabase(file: string): Database {
  const database = new Database(file);
  database.get("PRAGMA locking_mode = EXCLUSIVE");
  return database;
}
