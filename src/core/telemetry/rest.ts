import { measureNames, measures } from "./measures";
import { type Amounts, type SpendCell, type UserSpend, addAmounts, noAmounts } from "./spend";

/** The whole of the cells, less the users that stand for themselves. */
export function restOf(cells: readonly SpendCell[], users: readonly UserSpend[]): Amounts {
  const rest = noAmounts();
  for (const cell of cells) addAmounts(rest, cell);
  for (const { user: _, ...one } of users) {
    for (const name of measureNames) rest[name] -= one[name];
  }
  // Differences of sums of binary fractions: what is under a millionth of a cent is noise.
  for (const name of measureNames)
    if (measures[name].unit === "usd") rest[name] = Math.max(0, Math.round(rest[name] * 1e10) / 1e10);
  return rest;
}
