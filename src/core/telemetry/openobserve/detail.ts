import { finishReasonOf } from "../llmSpan";
import {
  type CallSpend,
  type LatencyCell,
  MOST_COSTLIEST,
  MOST_NEWEST,
  MOST_SITES,
  type SiteSpend,
  type SpendDetail,
} from "../spend";
import { type Row, figureAt, keyAt, textAt, toAmounts } from "./rows";

/** What a dashboard shows beside sums, out of the rows of an answer. @param hasBefore whether the period before was asked for. */
export function readDetail(rows: readonly Row[], hasBefore: boolean): SpendDetail {
  const of = (wanted: string): Row[] => rows.filter(({ kind }) => kind === wanted);
  const latency = (kind: LatencyCell["of"]): LatencyCell[] =>
    of(kind).map((row) => ({
      feature: keyAt(row, "feature"),
      of: kind,
      step: Number(row["at"]),
      calls: Number(row["calls"]),
    }));
  return {
    before: hasBefore ? of("before").map((row) => ({ feature: keyAt(row, "feature"), ...toAmounts(row) })) : null,
    latency: [...latency("duration"), ...latency("firstToken")],
    finishReasons: of("finish").map((row) => ({
      reason: finishReasonOf(textAt(row, "finish")),
      calls: Number(row["calls"]),
    })),
    sites: of("site").map(toSite),
    newest: of("newest").map(toCall),
    costliest: of("costliest").map(toCall),
  };
}

function toSite(row: Row): SiteSpend {
  const { calls, costUsd, unpricedCalls } = toAmounts(row);
  return {
    feature: keyAt(row, "feature"),
    file: textAt(row, "file"),
    function: textAt(row, "function"),
    line: figureAt(row, "line"),
    calls,
    costUsd,
    unpricedCalls,
  };
}

function toCall(row: Row): CallSpend {
  const { inputTokens, outputTokens, costUsd, pricedHereCalls, unpricedCalls, errors, rateLimited } = toAmounts(row);
  const text = (name: string): string | null => textAt(row, name);
  return {
    traceId: text("trace") ?? "",
    spanId: text("span") ?? "",
    startUs: Number(row["at"]),
    durationUs: figureAt(row, "duration") ?? 0,
    firstTokenUs: figureAt(row, "first_token"),
    model: text("model_key"),
    feature: text("feature_key"),
    team: text("team_key"),
    environment: text("environment_key"),
    service: text("service"),
    file: text("file"),
    function: text("function"),
    line: figureAt(row, "line"),
    inputTokens,
    outputTokens,
    costUsd: unpricedCalls > 0 ? null : costUsd,
    isPricedHere: pricedHereCalls > 0,
    isError: errors > 0,
    isRateLimited: rateLimited > 0,
  };
}

/** Two parts of a range as one: sums are added up, calls listed once. */
export function joinDetails(old: SpendDetail | null, added: SpendDetail): SpendDetail {
  const both = <K extends "latency" | "finishReasons" | "sites" | "newest" | "costliest">(
    name: K,
  ): SpendDetail[K][number][] => [...(old?.[name] ?? []), ...added[name]];
  return {
    before: old?.before ?? added.before,
    latency: summed(both("latency"), ({ feature, of, step }) => [feature, of, step], ["calls"]),
    finishReasons: summed(both("finishReasons"), ({ reason }) => [reason], ["calls"]).sort((a, b) => b.calls - a.calls),
    sites: summed(both("sites"), ({ feature, file, function: name, line }) => [feature, file, name, line], [
      "calls",
      "costUsd",
      "unpricedCalls",
    ])
      .sort((a, b) => b.costUsd - a.costUsd || b.calls - a.calls)
      .slice(0, MOST_SITES),
    newest: distinct(both("newest"))
      .sort((a, b) => b.startUs - a.startUs)
      .slice(0, MOST_NEWEST),
    costliest: distinct(both("costliest"))
      .sort((a, b) => (b.costUsd ?? 0) - (a.costUsd ?? 0))
      .slice(0, MOST_COSTLIEST),
  };
}

function summed<T extends object, F extends keyof T>(
  items: readonly T[],
  key: (item: T) => unknown[],
  figures: readonly F[],
): T[] {
  const sums = new Map<string, T>();
  for (const item of items) {
    const name = JSON.stringify(key(item));
    const sum = sums.get(name);
    if (sum === undefined) sums.set(name, { ...item });
    else for (const figure of figures) Object.assign(sum, { [figure]: Number(sum[figure]) + Number(item[figure]) });
  }
  return [...sums.values()];
}

const distinct = (calls: readonly CallSpend[]): CallSpend[] => [
  ...new Map(calls.map((call) => [`${call.traceId} ${call.spanId}`, call])).values(),
];
