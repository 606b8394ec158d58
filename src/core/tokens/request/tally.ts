import { type Confidence, type CountReason, leastSure } from "../confidence";
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
  confidence: Confidence;
  parts: CountedPart[];
  /** Why the count is no surer, and what it holds that can't be seen in the request's text. */
  reasons: CountReason[];
}

/** Adds up a request part by part, and remembers what limits its confidence. */
export class Tally {
  private readonly parts: CountedPart[] = [];
  private readonly reasons = new Map<string, CountReason>();

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

  /** Adds tokens that nothing in the request's text shows, and says what they are. */
  addBecause(label: string, tokens: number, text: string, confidence: Confidence = "exact"): void {
    this.add(label, tokens);
    const before = this.reasons.get(text)?.tokens ?? 0;
    this.reasons.set(text, { confidence, tokens: before + tokens, text });
  }

  /** The answer's calls decide what the API reports. */
  oneCallOnly(reason: string): void {
    this.because("exactForOneCall", reason);
  }

  /** How the API frames a part that is known has not been measured. */
  estimated(reason: string): void {
    this.because("estimated", reason);
  }

  /** A part of the prompt isn't in the request. */
  atLeast(reason: string): void {
    this.because("lowerBound", reason);
  }

  total(): TokenCount {
    const tokens = this.parts.reduce((sum, part) => sum + part.tokens, 0);
    const reasons = [...this.reasons.values()];
    return {
      tokens: Math.max(0, tokens),
      confidence: leastSure(reasons.map(({ confidence }) => confidence)),
      parts: this.parts,
      reasons,
    };
  }

  private because(confidence: Confidence, text: string): void {
    if (!this.reasons.has(text)) this.reasons.set(text, { confidence, tokens: null, text });
  }
}
