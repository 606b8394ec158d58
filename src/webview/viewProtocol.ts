import { z } from "zod";
import { insight, options, selection, target } from "../core/insight/insight";

/** What crosses between the extension and a view of it. Both sides check it. */
const site = z.object({ file: z.string().nullable(), function: z.string().nullable(), line: z.number().nullable() });

export const actions = [
  "connect",
  "sample",
  "removeSample",
  "pricing",
  "receiver",
  "details",
  "dashboard",
  "log",
] as const;
export type Action = (typeof actions)[number];

export const fromView = z.discriminatedUnion("kind", [
  /** The view is drawn, and knows nothing yet. */
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("select"), selection }),
  z.object({ kind: z.literal("refresh") }),
  z.object({ kind: z.literal("run"), action: z.enum(actions) }),
  /** To a place in the code; without a file, to where the feature is named. */
  z.object({ kind: z.literal("openCode"), site: site.nullable(), feature: z.string().nullable() }),
  z.object({ kind: z.literal("openTraces"), target }),
  z.object({ kind: z.literal("openTrace"), traceId: z.string(), startMs: z.number() }),
  /** A panel as a file: text, or a picture in base64. */
  z.object({ kind: z.literal("save"), name: z.string(), format: z.enum(["csv", "png"]), content: z.string() }),
  z.object({ kind: z.literal("copy"), what: z.string(), text: z.string() }),
]);
export type FromView = z.infer<typeof fromView>;

const source = z.object({
  /** In the middle of a sentence: `OpenObserve`, `the local store`. */
  name: z.string(),
  /** Whether this machine's receiver fills it. */
  isLocal: z.boolean(),
  /** Whether it has pages of its own for traces. */
  hasTraces: z.boolean(),
  /** `Local store`, or server, organisation and stream. */
  label: z.string(),
  /** How the receiver is, in a few words; null where it has nothing to say. */
  receiver: z.string().nullable(),
  /** Where an application sends its spans on this machine. */
  endpoint: z.string(),
});

export const viewState = z.object({
  selection,
  insight: insight.nullable(),
  failure: z.object({ kind: z.string(), message: z.string(), nextStep: z.string() }).nullable(),
  isLoading: z.boolean(),
  source,
  /** Values to filter by that were seen so far. */
  options,
});
export type ViewState = z.infer<typeof viewState>;

export const toView = z.discriminatedUnion("kind", [z.object({ kind: z.literal("state"), state: viewState })]);
export type ToView = z.infer<typeof toView>;
