import { z } from "zod";
import { pricingTable } from "../../pricing/table";
import { dimensions } from "../spend";

/** What crosses between the processes that share a store: a JSON object a line. */
export const spendQuery = z.object({ fromUs: z.number(), toUs: z.number(), bucketUs: z.number().positive(), filters: z.partialRecord(z.enum(dimensions), z.array(z.string().nullable()).readonly()) });

const key = z.object({ value: z.string().nullable(), isRest: z.boolean() });
const amounts = {
  calls: z.number(),
  errors: z.number(),
  rateLimited: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cachedTokens: z.number(),
  costUsd: z.number(),
  pricedHereUsd: z.number(),
  pricedHereCalls: z.number(),
  unpricedCalls: z.number(),
};
export const spendCube = z.object({
  query: spendQuery,
  cells: z.array(z.object({ bucketUs: z.number(), feature: key, model: key, team: key, environment: key, ...amounts })),
  users: z.array(z.object({ user: key, ...amounts })),
  newestUs: z.number().nullable(),
  partial: z.boolean(),
  warnings: z.array(z.string()),
});
export const storeStatus = z.object({ spans: z.number(), newestUs: z.number().nullable(), bytes: z.number(), notice: z.string().nullable(), receiver: z.string() });

export const request = z.discriminatedUnion("kind", [
  z.object({ id: z.number(), kind: z.literal("spend"), query: spendQuery, table: pricingTable.nullable() }),
  z.object({ id: z.number(), kind: z.literal("status") }),
  z.object({ id: z.number(), kind: z.literal("clear") }),
]);
export type Request = z.infer<typeof request>;

export const answer = z.object({ id: z.number(), value: z.unknown(), failure: z.object({ kind: z.string(), message: z.string(), nextStep: z.string(), isTransient: z.boolean() }).nullable() });
export type Answer = z.infer<typeof answer>;
