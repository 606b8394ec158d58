import type { ModelFraming } from "../models";

/** One line of a count's breakdown. */
export interface CountedPart {
  /** What it is, as a person would say: `system message`, `tools (3)`, `overhead`. */
  label: string;
  tokens: number;
}

/** What a request's prompt comes to. */
export interface TokenCount {
  tokens: number;
  /** False where the truth may be larger: a hole in the prompt, or content whose tokens the API alone knows. */
  exact: boolean;
  parts: CountedPart[];
  /** Why the count is not exact, in plain words. */
  reasons: string[];
}

/** Adds up a request part by part, and remembers why it can't be exact. */
export class Tally {
  private readonly parts: CountedPart[] = [];
  private readonly reasons = new Set<string>();

  constructor(
    /** Tokens of a text in the model's encoding. */
    readonly text: (text: string) => number,
    readonly framing: ModelFraming,
  ) {}

  add(label: string, tokens: number): void {
    const same = this.parts.find((part) => part.label === label);
    if (same !== undefined) same.tokens += tokens;
    else this.parts.push({ label, tokens });
  }

  atLeast(reason: string): void {
    this.reasons.add(reason);
  }

  total(): TokenCount {
    const tokens = this.parts.reduce((sum, part) => sum + part.tokens, 0);
    return {
      tokens: Math.max(0, tokens),
      exact: this.reasons.size === 0,
      parts: this.parts,
      reasons: [...this.reasons],
    };
  }
}
