import { z } from "zod";

const proxy = z.object({
  protocol: z.string(),
  host: z.string(),
  port: z.number(),
  auth: z.object({ username: z.string(), password: z.string() }).optional(),
});

/** A server of OpenObserve, with what it takes to be let in and to get there. */
export const openObserveServer = z.object({
  url: z.string(),
  organization: z.string(),
  authorization: z.string(),
  proxy: proxy.nullish(),
  strictTls: z.boolean(),
});
export type OpenObserveServer = z.infer<typeof openObserveServer>;
