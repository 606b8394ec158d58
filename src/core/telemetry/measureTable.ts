import { z } from "zod";

/** One measure: something that is summed over calls. */
export interface MeasureEntry<Name extends string = string> {
  unit: "usd" | "tokens" | "calls";
  /** A column's heading; and where its figures say their unit themselves. */
  title: string;
  shortTitle: string;
  /** The measure that counts it too. */
  partOf: Name | null;
  /** Columns of a span that report it, best first (see `columns.ts`); none where it is worked out from other things. */
  columns: readonly string[];
  /** Its name in SQL and in the rows that SQL answers. */
  sqlName: string;
  /** A part that stands in a row of its own only: it is added when the row is read. */
  sqlLacks: Name | null;
  /** Its place in `prompt-cost spend --json`, from 1; null leaves it out. */
  jsonPlace: number | null;
}

/**
 * A table of measures. Each adds itself up: a loop over names takes three times as long, and dashboards add up a hundred
 * thousand cells.
 */
export type MeasureTable<Name extends string> = {
  readonly [N in Name]: MeasureEntry<Name> & {
    add: (sum: Record<N, number>, more: Readonly<Record<N, number>>) => void;
  };
};

/** What a table of measures gives: all that treats every measure alike. */
export function measuresOf<T extends MeasureTable<keyof T & string>>(table: T) {
  type Name = keyof T & string;
  type Sums = Record<Name, number>;
  const names = Object.keys(table) as Name[];
  const from = <T>(value: (name: Name) => T): Record<Name, T> =>
    Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, T>;
  const nothing: Sums = from(() => 0);
  const zero = (): Sums => ({ ...nothing });
  const adders = names.map((name) => table[name].add as (sum: Sums, more: Readonly<Sums>) => void);
  const inJson = names
    .filter((name) => table[name].jsonPlace !== null)
    .sort((a, b) => (table[a].jsonPlace ?? 0) - (table[b].jsonPlace ?? 0));
  return {
    names,
    /** A value for each measure, by its name. */
    from,
    zero,
    add(sum: Sums, more: Readonly<Sums>): void {
      for (const add of adders) add(sum, more);
    },
    /** Members of an object that crosses between threads and processes. */
    schema: from(() => z.number()),
    /** As `prompt-cost spend --json` prints them: dollars to the billionth. */
    toJson: (sums: Readonly<Sums>): Partial<Sums> =>
      Object.fromEntries(
        inJson.map((name) => [name, table[name].unit === "usd" ? Math.round(sums[name] * 1e9) / 1e9 : sums[name]]),
      ) as Partial<Sums>,
    /** Out of the row of an SQL answer. @param figure reads a column. */
    fromRow(figure: (column: string) => number): Sums {
      const sums = zero();
      for (const name of names) {
        const { sqlName, sqlLacks } = table[name];
        sums[name] = sqlLacks === null ? figure(sqlName) : figure(sqlName) + figure(table[sqlLacks].sqlName);
      }
      return sums;
    },
  };
}
