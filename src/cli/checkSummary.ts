import { type JsonObject, listAt, objectAt, property, stringAt } from "../core/json";
import { type Confidence, isClaim } from "../core/tokens/confidence";
import { table } from "./table";

/** One exchange with OpenAI: what was estimated from the request, and what the API counted. */
export interface Line {
  id: string;
  endpoint: string;
  feature: Feature;
  model: string;
  estimate: number;
  confidence: Confidence;
  /** Whether the count claims to be exact on no condition. */
  exact: boolean;
  /** Whether the count can follow from the request at all. */
  knowable: boolean;
  reasons: string[];
  truth: number;
}

/** What a request uses that changes how it is framed; the first that applies, from the last to the first. */
type Feature = "plain" | "tools" | "history" | "formats" | "images";

export function featureOf(request: JsonObject): Feature {
  const messages = [...listAt(request, "messages"), ...listAt(request, "input")];
  const parts = messages.flatMap((message) => listAt(message, "content"));
  const format = objectAt(request, "response_format") ?? objectAt(objectAt(request, "text"), "format");
  if (parts.some((part) => ["image_url", "input_image"].includes(stringAt(part, "type") ?? ""))) return "images";
  if (stringAt(format, "type") === "json_schema") return "formats";
  if (messages.some((one) => property(one, "tool_calls") !== undefined || stringAt(one, "type") === "function_call"))
    return "history";
  return [...listAt(request, "tools"), ...listAt(request, "functions")].length > 0 ? "tools" : "plain";
}

interface Summary {
  endpoint: string;
  feature: Feature;
  model: string;
  lines: number;
  /** Lines whose estimate is the truth, and their share. */
  correct: number;
  correctShare: number;
  /** Relative errors, from 0. */
  medianError: number;
  largestError: number;
  /** Counts that claim to be exact, if need be for answers of one call; and those of them that are wrong. */
  claimed: number;
  claimedWrong: number;
}

const isCorrect = ({ estimate, truth }: Line): boolean => estimate === truth;

/** Figures by endpoint, feature and model, in this order. */
export function summarise(lines: readonly Line[]): Summary[] {
  const groups = new Map<string, [Line, ...Line[]]>();
  for (const line of lines) {
    const key = JSON.stringify([line.endpoint, line.feature, line.model]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => figuresOf(group));
}

function figuresOf(group: [Line, ...Line[]]): Summary {
  const [{ endpoint, feature, model }] = group;
  const errors = group
    .map(({ estimate, truth }) => Math.abs(estimate - truth) / Math.max(1, truth))
    .sort((a, b) => a - b);
  const middle = errors.length / 2;
  const correct = group.filter(isCorrect).length;
  const claims = group.filter(({ confidence }) => isClaim(confidence));
  return {
    endpoint,
    feature,
    model,
    lines: group.length,
    correct,
    correctShare: correct / group.length,
    medianError: ((errors[Math.floor(middle - 0.5)] ?? 0) + (errors[Math.floor(middle)] ?? 0)) / 2,
    largestError: errors.at(-1) ?? 0,
    claimed: claims.length,
    claimedWrong: claims.filter((line) => !isCorrect(line)).length,
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function asTable(summary: readonly Summary[]): string[] {
  const rows = summary.map((one) => [
    one.endpoint,
    one.feature,
    one.model,
    String(one.lines),
    percent(one.correctShare),
    percent(one.medianError),
    percent(one.largestError),
    String(one.claimed),
    String(one.claimedWrong),
  ]);
  return table(
    ["Endpoint", "Feature", "Model", "Requests", "Exact", "Median error", "Largest error", "Claims", "Wrong claims"],
    rows,
    [3, 4, 5, 6, 7, 8],
  );
}

/** Each wrong count on a line, with its confidence and reasons. */
export function wrongCounts(lines: readonly Line[]): string[] {
  const wrong = lines.filter((line) => !isCorrect(line));
  if (wrong.length === 0) return [];
  return [
    "",
    "Wrong counts:",
    ...wrong.map(({ id, model, estimate, truth, confidence, reasons }) =>
      [`${id} (${model}): ${estimate} for ${truth}, ${confidence}`, ...reasons].join("; "),
    ),
  ];
}
