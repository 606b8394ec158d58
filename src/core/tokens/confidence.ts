/** How sure a count of tokens is, the surest first. */
export const confidences = ["exact", "exactForOneCall", "estimated", "lowerBound", "partial"] as const;

/**
 * - `exact`: every rule behind the count is measured on this kind of request.
 * - `exactForOneCall`: exact unless the answer calls several functions at once.
 * - `estimated`: all of the text is known, but not how the API frames it; the truth may be a little more or less.
 * - `lowerBound`: a part of the prompt is unknown, so the truth is at least the count.
 * - `partial`: a part of the prompt is unknown, and the rest is estimated: no bound, as another encoding may count less.
 */
export type Confidence = (typeof confidences)[number];

/** What `scan` and `check` print as `exact`: the count holds without any condition. */
export const isExact = (confidence: Confidence): boolean => confidence === "exact";

/** Whether a count claims to be what the API will report, if need be on the condition that it makes one call. */
export const isClaim = (confidence: Confidence): boolean => confidence === "exact" || confidence === "exactForOneCall";

/** The least sure of several; `exact` of none. With an estimate among them, a lower bound is none. */
export const leastSure = (some: readonly Confidence[]): Confidence =>
  some.includes("estimated") && some.includes("lowerBound")
    ? "partial"
    : (confidences[Math.max(0, ...some.map((one) => confidences.indexOf(one)))] ?? "exact");

/** Something that a count's confidence, or a part of the count itself, follows from. */
export interface CountReason {
  /** What the count can claim at most because of this; `exact` where it only explains tokens. */
  confidence: Confidence;
  /** Tokens that the count holds (or, below 0, saves) because of this; null where it is no matter of a number. */
  tokens: number | null;
  /** In plain words; names from the API or the request stand between backticks. */
  text: string;
}

/** A name for a reason's text: a backtick in it would end its code span. */
export const named = (name: string): string => `\`${name.replaceAll("`", "'")}\``;

/** A reason as one line of text: ``+9: `tool_choice` names `get_weather` ``. */
export const reasonLine = ({ tokens, text }: CountReason): string =>
  tokens === null ? text : `${tokens < 0 ? "−" : "+"}${Math.abs(tokens)}: ${text}`;

/** A figure as text, marked by its confidence: `~412` where it is estimated, `412+` where it is a lower bound, `~412+` where it is a part. */
export function marked(figure: string, confidence: Confidence): string {
  switch (confidence) {
    case "exact":
    case "exactForOneCall":
      return figure;
    case "estimated":
      return `~${figure}`;
    case "lowerBound":
      return `${figure}+`;
    case "partial":
      return `~${figure}+`;
  }
}
