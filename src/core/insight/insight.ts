import { z } from "zod";
import { units } from "../figures";
import { dimensions } from "../telemetry/dimensions";
import { optionsOf } from "./options";

/**
 * What the sidebar and the dashboard draw: finished figures, in base units. Costs are USD, times in ranges milliseconds
 * since 1970 (UTC), latencies milliseconds. Null is unknown, and is drawn as a dash.
 */
const unit = z.enum(units);

const figure = z.number().nullable();

/** A value to filter by. */
export const target = z.object({ dimension: z.enum(dimensions), value: z.string().nullable() });
export type Target = z.infer<typeof target>;

/** What was chosen to look at. A range ends now (`last`, such as `24h`), or is fixed. */
export const selection = z.object({
  range: z.union([z.object({ last: z.string() }), z.object({ fromMs: z.number(), toMs: z.number() })]),
  filters: z.array(target),
});
export type Selection = z.infer<typeof selection>;

const tile = z.object({
  id: z.enum(["cost", "input", "output", "calls"]),
  title: z.string(),
  value: figure,
  unit,
  /** Against the period of the same length before: 0.18 is 18 % more. */
  change: figure,
  /** Whether a rise is bad news, a fall good news. */
  isSpend: z.boolean(),
  /** More than this, as some calls are of unknown price. */
  isLowerBound: z.boolean(),
});
export type Tile = z.infer<typeof tile>;

const site = z.object({
  file: z.string().nullable(),
  function: z.string().nullable(),
  line: z.number().nullable(),
  calls: z.number(),
  costUsd: figure,
});
export type Site = z.infer<typeof site>;

const feature = z.object({
  id: z.string(),
  name: z.string(),
  /** Null for the sum of all others. */
  target: target.nullable(),
  /** Null where the price of every call is unknown. */
  costUsd: figure,
  isLowerBound: z.boolean(),
  isPricedHere: z.boolean(),
  change: figure,
  share: figure,
  calls: z.number(),
  errors: z.number(),
  p95Ms: figure,
  /** Cost by bucket of the range, oldest first. */
  trend: z.array(z.number()),
  models: z.array(z.object({ name: z.string(), target: target.nullable(), costUsd: figure, calls: z.number() })),
  sites: z.array(site),
});
export type Feature = z.infer<typeof feature>;

const call = z.object({
  traceId: z.string(),
  spanId: z.string(),
  startMs: z.number(),
  latencyMs: z.number(),
  feature: z.string(),
  model: z.string(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: figure,
  isPricedHere: z.boolean(),
  isError: z.boolean(),
  isRateLimited: z.boolean(),
  isSample: z.boolean(),
  site: z.object({ file: z.string(), function: z.string().nullable(), line: z.number().nullable() }).nullable(),
});
export type Call = z.infer<typeof call>;

/** The dashboard's tabs, in their order, with their titles. */
export const tabs = { overview: "LLM Cost Overview", efficiency: "Token efficiency" } as const;
export type Tab = keyof typeof tabs;
export const tabIds = Object.keys(tabs) as [Tab, ...Tab[]];
const tab = z.enum(tabIds);

/**
 * What a line, a bar or a slice stands for. Views go by its id and its role: the name is for people only, and comes
 * from spans, so that two may be named alike.
 */
const member = z.object({
  id: z.string(),
  name: z.string(),
  /** `others`: all values beyond the largest ones; `unsplit`: cost that can't be split into input and output. */
  role: z.enum(["value", "others", "unsplit"]),
  target: target.nullable(),
});
export type Member = z.infer<typeof member>;

const series = z.object({ ...member.shape, values: z.array(figure) });
export type Series = z.infer<typeof series>;

/** Over time (`times` are the starts of buckets), or over members. */
const axis = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("time"), times: z.array(z.number()), bucketMs: z.number() }),
  z.object({ kind: z.literal("members"), members: z.array(member) }),
]);
export type Axis = z.infer<typeof axis>;

const chart = z.object({
  kind: z.literal("chart"),
  id: z.string(),
  tab,
  title: z.string(),
  form: z.enum(["stacked", "grouped", "lines", "pie"]),
  unit,
  axis,
  series: z.array(series),
  note: z.string().nullable(),
  isWide: z.boolean(),
});
export type Chart = z.infer<typeof chart>;

/** `name` is what a row is called, and filters to its target; `trace` leads to the row's trace. */
const column = z.object({
  title: z.string(),
  unit: z.union([unit, z.enum(["name", "text", "time", "trend", "trace"])]),
});
export type Column = z.infer<typeof column>;
const cell = z.union([figure, z.string(), z.array(z.number())]);
const row = z.object({
  target: target.nullable(),
  trace: z.object({ id: z.string(), startMs: z.number() }).nullable(),
  cells: z.array(cell),
});
export type Row = z.infer<typeof row>;
const table = z.object({
  kind: z.literal("table"),
  id: z.string(),
  tab,
  title: z.string(),
  columns: z.array(column),
  rows: z.array(row),
  note: z.string().nullable(),
});
export type Table = z.infer<typeof table>;
export const panel = z.discriminatedUnion("kind", [chart, table]);
export type Panel = z.infer<typeof panel>;

/** Something that the person should know of the figures; an action may help. */
const notice = z.object({ kind: z.enum(["partial", "unpriced", "pricedHere", "sample"]), text: z.string() });
export type Notice = z.infer<typeof notice>;

export const options = z.object(optionsOf(() => z.array(z.string().nullable())));

export const insight = z.object({
  selection,
  fromMs: z.number(),
  toMs: z.number(),
  /** When the source answered. */
  answeredMs: z.number(),
  newestMs: figure,
  calls: z.number(),
  tiles: z.array(tile),
  /** Cost over time by feature, for the sidebar. */
  timeline: chart,
  features: z.array(feature),
  newest: z.array(call),
  panels: z.array(panel),
  notices: z.array(notice),
  /** Values of the source in this range; with filters, only those that are left. */
  options,
});
export type Insight = z.infer<typeof insight>;
