import type { Connection } from "./connection";
import { MOST_STEPS } from "../latency";
import {
  type CallSpend,
  type FeatureSpend,
  type Key,
  type LatencyCell,
  MOST_COSTLIEST,
  MOST_NEWEST,
  MOST_SITES,
  type SiteSpend,
  type SpendDetail,
  addAmounts,
  keyText,
  noAmounts,
} from "../spend";
import { type DayColumns, NO_STEP, identityOf } from "./dayColumns";
import type { Days } from "./days";
import type { Cells } from "./fold";
import { type Scan, UNREPORTED, eachCall, knownCost } from "./scan";
import { type SumTable, sumsOf } from "./sums";

/** Gathers what a dashboard shows beside sums, while the calls of the range are read, the newest days first. */
export class DetailScan {
  private readonly latency: Latency;
  private readonly newest = new Top(MOST_NEWEST);
  private readonly costliest = new Top(MOST_COSTLIEST);

  constructor(
    private readonly scan: Scan,
    private readonly cells: Cells,
  ) {
    this.latency = new Latency(scan, cells);
  }

  add(day: DayColumns, at: number, priced: number): void {
    this.latency.add(day, at);
    this.newest.offer(day.start[at] ?? 0, day, at, priced);
    this.costliest.offer(knownCost(day, at, priced), day, at, priced);
  }

  /** @param sums of the range, by series. */
  result(database: Connection, days: Days, sums: SumTable): SpendDetail {
    const { scan, cells } = this;
    const reasons = new Map<string | null, number>();
    scan.series.forEach((one, id) => {
      const calls = sums.callsAt(id);
      if (one !== undefined && calls > 0) reasons.set(one.finish, (reasons.get(one.finish) ?? 0) + calls);
    });
    const toCall = (call: Candidate): CallSpend => readCall(database, scan, call);
    return {
      before: before(days, scan, cells),
      latency: this.latency.cells(),
      finishReasons: [...reasons].map(([reason, calls]) => ({ reason, calls })).sort((a, b) => b.calls - a.calls),
      sites: sites(scan, cells, sums),
      newest: this.newest.sorted().map(toCall),
      costliest: this.costliest
        .sorted()
        .filter(({ rank }) => rank > 0)
        .map(toCall),
    };
  }
}

/** What the features of the range spent in the period before it. */
function before(days: Days, scan: Scan, { featureOf }: Cells): FeatureSpend[] {
  const { fromUs, toUs } = scan.query;
  const earlierUs = fromUs - (toUs - fromUs);
  const sums = sumsOf(scan.series.length);
  for (const day of days.between(earlierUs, fromUs))
    eachCall(scan, day, earlierUs, fromUs, (at, mark, priced) => sums.add(day.series[at] ?? 0, day, at, mark, priced));
  const features = new Map<string, FeatureSpend>();
  sums.each((id, amounts) => {
    const one = scan.series[id];
    if (one === undefined) return;
    const key = featureOf(one);
    const name = keyText(key);
    let feature = features.get(name);
    if (feature === undefined) features.set(name, (feature = { feature: key, ...noAmounts() }));
    addAmounts(feature, amounts);
  });
  return [...features.values()];
}

function sites(scan: Scan, { featureOf }: Cells, sums: SumTable): SiteSpend[] {
  const found = new Map<string, SiteSpend>();
  scan.series.forEach((one, id) => {
    if (one === undefined || sums.callsAt(id) === 0 || (one.file === null && one.function === null)) return;
    const feature = featureOf(one);
    const name = JSON.stringify([keyText(feature), one.file, one.function, one.line]);
    let site = found.get(name);
    if (site === undefined)
      found.set(
        name,
        (site = {
          feature,
          file: one.file,
          function: one.function,
          line: one.line,
          calls: 0,
          costUsd: 0,
          unpricedCalls: 0,
        }),
      );
    site.calls += sums.callsAt(id);
    site.costUsd += sums.costAt(id);
    site.unpricedCalls += sums.unpricedAt(id);
  });
  return [...found.values()].sort((a, b) => b.costUsd - a.costUsd || b.calls - a.calls).slice(0, MOST_SITES);
}

/** Counts the calls of each feature by how long they took. */
class Latency {
  private readonly features: Key[] = [];
  private readonly featureOf: Int32Array;
  private readonly counts: Record<LatencyCell["of"], Uint32Array>;

  constructor({ series }: Scan, cells: Cells) {
    const numbers = new Map<string, number>();
    this.featureOf = new Int32Array(series.length);
    series.forEach((one, id) => {
      if (one === undefined || (cells.cellOf[id] ?? -1) < 0) return;
      const key = cells.featureOf(one);
      let number = numbers.get(keyText(key));
      if (number === undefined) {
        numbers.set(keyText(key), (number = this.features.length));
        this.features.push(key);
      }
      this.featureOf[id] = number;
    });
    this.counts = {
      duration: new Uint32Array(this.features.length * MOST_STEPS),
      firstToken: new Uint32Array(this.features.length * MOST_STEPS),
    };
  }

  add(day: DayColumns, at: number): void {
    const feature = this.featureOf[day.series[at] ?? 0] ?? 0;
    count(this.counts.duration, feature, day.durationStep[at] ?? 0);
    const firstToken = day.firstTokenStep[at] ?? NO_STEP;
    if (firstToken !== NO_STEP) count(this.counts.firstToken, feature, firstToken);
  }

  cells(): LatencyCell[] {
    return (["duration", "firstToken"] as const).flatMap((of) => {
      const cells: LatencyCell[] = [];
      this.counts[of].forEach((calls, place) => {
        const feature = this.features[Math.floor(place / MOST_STEPS)];
        if (calls > 0 && feature !== undefined) cells.push({ feature, of, step: place % MOST_STEPS, calls });
      });
      return cells;
    });
  }
}

function count(counts: Uint32Array, feature: number, step: number): void {
  const place = feature * MOST_STEPS + step;
  counts[place] = (counts[place] ?? 0) + 1;
}

interface Candidate {
  rank: number;
  day: DayColumns;
  at: number;
  /** See `eachCall`. */
  priced: number;
}

/** Keeps the calls of the highest rank. */
class Top {
  private kept: Candidate[] = [];
  private least = Number.NEGATIVE_INFINITY;

  constructor(private readonly size: number) {}

  offer(rank: number, day: DayColumns, at: number, priced: number): void {
    if (rank <= this.least) return;
    this.kept.push({ rank, day, at, priced });
    // Cut now and then: most calls are refused by the least rank alone.
    if (this.kept.length >= this.size * 4) this.kept = this.sorted();
    if (this.kept.length === this.size)
      this.least = this.kept.reduce((least, { rank: one }) => Math.min(least, one), Number.POSITIVE_INFINITY);
  }

  sorted(): Candidate[] {
    return this.kept.sort((a, b) => b.rank - a.rank).slice(0, this.size);
  }
}

/** A call with what only its row holds. */
function readCall(database: Connection, scan: Scan, { day, at, priced }: Candidate): CallSpend {
  const [startUs, id] = [day.start[at] ?? 0, day.series[at] ?? 0];
  const one = scan.series[id];
  const row = database
    .all("SELECT id, trace, duration, first_token FROM span WHERE start = ?", [startUs])
    .find((found) => day.isAt(at, startUs, identityOf(found["id"] as Uint8Array, found["trace"] as Uint8Array)));
  const firstToken = row?.["first_token"];
  const isUnreported = ((scan.marks[id] ?? 0) & UNREPORTED) !== 0;
  return {
    traceId: hexOf(row?.["trace"]),
    spanId: hexOf(row?.["id"]),
    startUs,
    durationUs: Number(row?.["duration"] ?? 0),
    firstTokenUs: typeof firstToken === "number" ? firstToken : null,
    model: one?.model ?? null,
    feature: one?.feature ?? null,
    team: one?.team ?? null,
    environment: one?.environment ?? null,
    service: one?.service ?? null,
    file: one?.file ?? null,
    function: one?.function ?? null,
    line: one?.line ?? null,
    inputTokens: day.input[at] ?? 0,
    outputTokens: day.output[at] ?? 0,
    costUsd: Number.isNaN(priced) ? null : knownCost(day, at, priced),
    isPricedHere: isUnreported && !Number.isNaN(priced),
    isError: one?.failed === 1,
    isRateLimited: one?.limited === 1,
  };
}

const hexOf = (bytes: unknown): string => (bytes instanceof Uint8Array ? Buffer.from(bytes).toString("hex") : "");
