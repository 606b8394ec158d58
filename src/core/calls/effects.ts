import type { Node } from "web-tree-sitter";
import type { Effect, LanguageRules } from "../languages/pack";
import type { Place } from "./module";

/** An effect with where it stands among branches and loops. */
export interface PlacedEffect extends Effect {
  place: Place;
  /** Offset after which it holds. */
  at: number;
  /** Ids of the branches' bodies around it, within its scope. */
  branches: readonly number[];
  /** Ids of the loops around it, within its scope. */
  loops: readonly number[];
  /** Whether it may happen at any time: in a function, whenever that runs. */
  isAnytime?: boolean;
}

/** What has variables of its own: a function, or a module. */
export interface HasVariables {
  /** The function's node; null for a module. */
  readonly node: Node | null;
  readonly roots: readonly { root: Node; place: Place }[];
  readonly rules: LanguageRules;
  /** What happens to a variable, in order. */
  effectsOn(name: string): readonly PlacedEffect[];
}

/** Whether an operation gives a variable a value of its own, and doesn't change the one that it has. */
export const isBinding = ({ kind }: Effect["operation"]): boolean =>
  kind === "assign" || kind === "import" || kind === "define";

/** Stands for the module's own statements that may call functions, where a variable's name is asked for. */
export const CALLS = "()";
