/** Where a text's tracker is imported from. */
export interface Tracker {
  /** `prompt_cost`, `./promptCost.js`. */
  module: string;
  style: "python" | "esm" | "commonjs";
  /** Modules that the file imports and that are the project's own, by the first step of their names. */
  localNames: readonly string[];
}
