import type { Node } from "web-tree-sitter";
import type { PlacedEffect } from "./effects";
import type { Parameter } from "../languages/pack";
import type { Place } from "./module";

/** What a name stands for at a place: its last certain value and what happened to it since. */
export interface Binding {
  base: { kind: "effect"; effect: PlacedEffect } | { kind: "parameter"; parameter: Parameter; place: Place };
  /** Later changes, in order; `certain` where it happens exactly once before the place. */
  changes: { effect: PlacedEffect; certain: boolean }[];
  /** Whether it had another value before, which a reader that may run at any time may still have seen. */
  isOneOfSeveral: boolean;
  /** Whether it holds where the constructor of a class like a dataclass is given nothing else. */
  isDefault: boolean;
}

/** When a name is read: at a place in the order of statements, at any time by a function, or once all of them ran. */
export type Reader = Node | "anytime" | "afterwards";

export type Lookup = { kind: "bound"; binding: Binding } | { kind: "ambiguous" } | { kind: "unbound" };

export const unbound: Lookup = { kind: "unbound" };
export const ambiguous: Lookup = { kind: "ambiguous" };

/** A binding without later changes. */
export const boundTo = (base: Binding["base"]): Lookup => ({
  kind: "bound",
  binding: { base, changes: [], isOneOfSeveral: false, isDefault: false },
});
