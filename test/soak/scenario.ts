/** A kind of fault: one round of it leaves the machine as it was. */
export interface Scenario {
  name: string;
  /**
   * One round, with what happened in it by name.
   * @param folder an empty folder of the round's own.
   * @returns null where this machine can't do it.
   * @throws where something was lost, invented or hung.
   */
  round(folder: string): Promise<Record<string, number> | null>;
}

export const between = (from: number, to: number): number => from + Math.floor(Math.random() * (to - from + 1));

export const pick = <T>(list: readonly [T, ...T[]]): T => list[between(0, list.length - 1)] ?? list[0];

/** Runs something again until it succeeds, for as long as what it waits for may take. */
export const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
