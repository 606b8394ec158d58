import { derived } from "../measures";
import { type Amounts, type Key, REST } from "../spend";

/** A row of an answer, as `rowSql.ts` names its columns. A NULL is left out. */
export type Row = Record<string, unknown>;

export const textAt = (row: Row, name: string): string | null => (typeof row[name] === "string" ? row[name] : null);
export const figureAt = (row: Row, name: string): number | null => (typeof row[name] === "number" ? row[name] : null);

/** A dimension's value. */
export function keyAt(row: Row, dimension: string, name = (value: string | null): string | null => value): Key {
  return Number(row[`${dimension}_rest`]) === 1
    ? REST
    : { value: name(textAt(row, `${dimension}_key`)), isRest: false };
}

export const toAmounts = (row: Row, prefix = ""): Amounts =>
  derived.fromRow((column) => Number(row[`${prefix}${column}`] ?? 0));
