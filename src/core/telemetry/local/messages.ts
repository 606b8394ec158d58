import { z } from "zod";
import { pricingTable } from "../../pricing/table";
import { receiverMetrics } from "../receiver/metrics";
import { cellKeys, dimensions } from "../dimensions";
import { derived } from "../measures";

/** What crosses between the processes that share a store: a JSON object a line. */
export const spendQuery = z.object({
  fromUs: z.number(),
  toUs: z.number(),
  bucketUs: z.number().positive(),
  filters: z.partialRecord(z.enum(dimensions), z.array(z.string().nullable()).readonly()),
  withDetail: z.boolean().optional(),
});

const key = z.object({ value: z.string().nullable(), isRest: z.boolean() });
const amounts = derived.schema;
const keys = cellKeys(() => key);
const site = { file: z.string().nullable(), function: z.string().nullable(), line: z.number().nullable() };
const call = z.object({
  ...site,
  traceId: z.string(),
  spanId: z.string(),
  startUs: z.number(),
  durationUs: z.number(),
  firstTokenUs: z.number().nullable(),
  ...cellKeys(() => z.string().nullable()),
  service: z.string().nullable(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: z.number().nullable(),
  isPricedHere: z.boolean(),
  isError: z.boolean(),
  isRateLimited: z.boolean(),
});
const detail = z.object({
  before: z.array(z.object({ feature: key, ...amounts })).nullable(),
  latency: z.array(
    z.object({ feature: key, of: z.enum(["duration", "firstToken"]), step: z.number(), calls: z.number() }),
  ),
  finishReasons: z.array(z.object({ reason: z.string().nullable(), calls: z.number() })),
  sites: z.array(
    z.object({ ...site, feature: key, calls: z.number(), costUsd: z.number(), unpricedCalls: z.number() }),
  ),
  newest: z.array(call),
  costliest: z.array(call),
});
export const spendCube = z.object({
  query: spendQuery,
  cells: z.array(z.object({ bucketUs: z.number(), ...keys, ...amounts })),
  users: z.array(z.object({ user: key, ...amounts })),
  detail: detail.nullable(),
  newestUs: z.number().nullable(),
  partial: z.boolean(),
  warnings: z.array(z.string()),
});
export const storeStatus = z.object({
  spans: z.number(),
  newestUs: z.number().nullable(),
  bytes: z.number(),
  logBytes: z.number(),
  notice: z.string().nullable(),
  receiver: z.string(),
  /** What the owner's receiver has counted; null where it has none, or is of a version that doesn't count. */
  metrics: receiverMetrics.nullable().default(null),
});

export const request = z.discriminatedUnion("kind", [
  z.object({ id: z.number(), kind: z.literal("spend"), query: spendQuery, table: pricingTable.nullable() }),
  z.object({ id: z.number(), kind: z.literal("status") }),
  /** Forgets everything, or what a service has sent. */
  z.object({ id: z.number(), kind: z.literal("clear"), service: z.string().nullable() }),
  /** Copies the store into a file that doesn't exist yet. */
  z.object({ id: z.number(), kind: z.literal("backup"), to: z.string() }),
]);
export type Request = z.infer<typeof request>;

export const answer = z.object({
  id: z.number(),
  value: z.unknown(),
  failure: z
    .object({ kind: z.string(), message: z.string(), nextStep: z.string(), isTransient: z.boolean() })
    .nullable(),
});
export type Answer = z.infer<typeof answer>;

/** What an owner says unasked: what the store holds has changed. */
export const changed = z.object({ event: z.literal("changed") });
