import { z } from "zod";

/** What OpenObserve answers, as far as it is used. Older versions give one text as `function_error`, newer a list. */
export const searchAnswer = z.object({
  hits: z.array(z.record(z.string(), z.unknown())),
  is_partial: z.boolean().nullish(),
  function_error: z.union([z.string(), z.array(z.string())]).nullish(),
  new_start_time: z.number().nullish(),
  new_end_time: z.number().nullish(),
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

export const failureAnswer = z.object({ code: z.number(), message: z.string(), error_detail: z.string().nullish() });

export const configAnswer = z.object({
  version: z.string().nullish(),
  commit_hash: z.string().nullish(),
  build_type: z.string().nullish(),
});

const stream = z.object({
  name: z.string(),
  schema: z.array(z.object({ name: z.string(), type: z.string() })).nullish(),
  uds_schema: z.array(z.object({ name: z.string(), type: z.string() })).nullish(),
  settings: z.object({ max_query_range: z.number().nullish() }).nullish(),
});
export const streamAnswer = stream;
export const streamsAnswer = z.object({ list: z.array(stream) });
export const organizationsAnswer = z.object({ data: z.array(z.object({ identifier: z.string() })) });
