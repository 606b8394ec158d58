import { Assets } from "../core/assets";
import { counted, dollars, whole } from "../core/figures";
import { DEFAULT_PORT } from "../core/telemetry/defaults";
import { type Dimension, dimensionTable, dimensions } from "../core/telemetry/dimensions";
import { derived, measures } from "../core/telemetry/measures";
import { bucketFor, durationUs, isoUs } from "../core/telemetry/range";
import { sources } from "../core/telemetry/sources/sources";
import { type SpendCube, type SpendQuery, groupBy, total } from "../core/telemetry/spend";
import { openSource } from "./sources";
import { print, printJson, warn } from "./output";
import { readPriceBook } from "./pricing";
import { table } from "./table";
import { UsageError, readArguments } from "./usageError";

/** `prompt-cost spend`: what production spends, by feature, model, team, environment or user. */
export async function spend(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, {
    since: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    by: { type: "string" },
    source: { type: "string" },
    url: { type: "string" },
    org: { type: "string" },
    stream: { type: "string" },
    db: { type: "string" },
    pricing: { type: "string" },
    json: { type: "boolean" },
    "allow-http": { type: "boolean" },
  });
  if (positionals.length > 0) throw new UsageError(`spend takes no "${positionals[0] ?? ""}"; see prompt-cost help`);
  const by = dimensions.find((name) => name === (values.by ?? "feature"));
  if (by === undefined) throw new UsageError(`--by ${values.by ?? ""} is not one of ${dimensions.join(", ")}`);
  const source = values.source ?? (values.url === undefined ? "local" : "openobserve");
  if (!sources.isId(source)) throw new UsageError(`--source ${source} is neither ${sources.ids.join(" nor ")}`);
  const query = readRange(values);
  const { catalogue } = new Assets(__dirname);
  const prices = readPriceBook(values.pricing, [], catalogue);
  const store = await openSource[source](values);
  try {
    const cube = await store.spend(query, prices);
    for (const warning of cube.warnings) warn(warning);
    if (values.json) printJson(toJson(cube, by, source));
    else print(...asTable(cube, by));
  } finally {
    await store.close();
  }
}

function readRange({
  since,
  from,
  to,
}: {
  since?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}): SpendQuery {
  const time = (name: string, text: string): number => {
    const us = isoUs(text);
    if (us === null) throw new UsageError(`--${name} ${text} is not an ISO time, such as 2026-11-09T20:00:00Z`);
    return us;
  };
  if (since !== undefined && from !== undefined) throw new UsageError("give --since or --from, not both");
  const length = durationUs(since ?? "7d");
  if (length === null) throw new UsageError(`--since ${since ?? ""} is not a duration, such as 15m, 24h, 7d or 2w`);
  const toUs = to === undefined ? Date.now() * 1000 : time("to", to);
  const fromUs = from === undefined ? Math.round(toUs - length) : time("from", from);
  if (fromUs >= toUs) throw new UsageError("the range ends before it begins");
  return { fromUs, toUs, bucketUs: bucketFor(fromUs, toUs), filters: {} };
}

const iso = (us: number): string => new Date(us / 1000).toISOString();
/** A group's name; null is "not set". The rest is said by its own flag, whatever other groups are called. */
function toJson(cube: SpendCube, by: Dimension, source: string) {
  return {
    from: iso(cube.query.fromUs),
    to: iso(cube.query.toUs),
    source,
    partial: cube.partial,
    warnings: cube.warnings,
    total: derived.toJson(total(cube)),
    groups: groupBy(cube, by).map((group) => ({
      key: group.key.value,
      ...(group.key.isRest ? { other: true } : {}),
      ...derived.toJson(group),
    })),
  };
}

/** Columns of the table, after the name. */
const shown = ["costUsd", "inputTokens", "outputTokens", "calls", "errors"] as const;

function asTable(cube: SpendCube, by: Dimension): string[] {
  const sum = total(cube);
  const range = `${iso(cube.query.fromUs).slice(0, 16)} to ${iso(cube.query.toUs).slice(0, 16)} UTC`;
  if (sum.calls === 0)
    return [
      `No calls to models in the spans of ${range}. Send some: start prompt-cost receive, set OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${DEFAULT_PORT} for your application, and run it.`,
    ];
  const cost = ({
    costUsd,
    unpricedCalls,
    calls,
  }: {
    costUsd: number;
    unpricedCalls: number;
    calls: number;
  }): string => (unpricedCalls === calls ? "price unknown" : `${dollars(costUsd)}${unpricedCalls > 0 ? "+" : ""}`);
  const rows = groupBy(cube, by).map((group) => [
    group.key.isRest ? "(all others)" : (group.key.value ?? "(not set)"),
    ...shown.map((name) => (name === "costUsd" ? cost(group) : whole(group[name]))),
  ]);
  const notes = [
    `${range}: ${cost(sum)}, ${counted(sum.calls, "call")}${cube.partial ? ", partial" : ""}.`,
    ...(sum.pricedHereCalls > 0
      ? [
          `${dollars(sum.pricedHereUsd)} of it priced here, for ${counted(sum.pricedHereCalls, "call")} without a reported cost.`,
        ]
      : []),
    ...(sum.unpricedCalls > 0
      ? [`+ ${counted(sum.unpricedCalls, "call")} with no known price: add the model to the pricing table.`]
      : []),
  ];
  return [
    ...table(
      [dimensionTable[by].title, ...shown.map((name) => measures[name].title)],
      rows,
      shown.map((_, index) => index + 1),
    ),
    "",
    ...notes,
  ];
}
