import { z } from "zod";
import { Assets } from "../core/assets";
import { readTextFile } from "../core/files/readFile";
import type { JsonObject } from "../core/json";
import { type RequestShape, countRequest } from "../core/tokens/request/count";
import { print, printJson } from "./output";
import { table } from "./table";
import { UsageError, readArguments } from "./usageError";

/** The largest file of exchanges, in bytes. */
const MAX_EXCHANGES = 256 * 1024 * 1024;

const shapes: Record<string, RequestShape> = {
  "chat/completions": "chat",
  responses: "responses",
  embeddings: "embeddings",
  completions: "completions",
};

const exchange = z.object({
  id: z.string(),
  endpoint: z.string(),
  model: z.string().optional(),
  request: z.record(z.string(), z.json()),
  usage: z.object({ prompt_tokens: z.number().optional(), input_tokens: z.number().optional() }),
});

/** One exchange with OpenAI: what was estimated from the request, and what the API counted. */
interface Line {
  id: string;
  endpoint: string;
  tools: boolean;
  estimate: number;
  /** Whether the estimate claims to be exact. */
  exact: boolean;
  truth: number;
}

interface Summary {
  endpoint: string;
  tools: boolean;
  lines: number;
  /** Lines whose estimate is the truth, and their share. */
  correct: number;
  correctShare: number;
  /** Relative errors, from 0. */
  medianError: number;
  largestError: number;
  claimedExact: number;
  claimedAndCorrect: number;
}

/** `prompt-cost check FILE.jsonl`: the estimate against the truth. */
export function check(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { json: { type: "boolean" } });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new UsageError("check needs one file of exchanges, a JSON object a line");
  const assets = new Assets(__dirname);
  const lines = readLines(file).map(({ id, endpoint, model, request, usage }, index): Line => {
    const shape = Object.hasOwn(shapes, endpoint) ? shapes[endpoint] : undefined;
    const truth = usage.prompt_tokens ?? usage.input_tokens;
    if (shape === undefined)
      throw new UsageError(
        `${file}:${index + 1}: endpoint "${endpoint}" is not one of ${Object.keys(shapes).join(", ")}`,
      );
    if (truth === undefined)
      throw new UsageError(`${file}:${index + 1}: usage has neither prompt_tokens nor input_tokens`);
    const requested = request["model"];
    const body: JsonObject = request;
    const { tokens, exact } = countRequest(
      shape,
      body,
      model ?? (typeof requested === "string" ? requested : null),
      assets.encodings,
    );
    return {
      id,
      endpoint,
      tools: Array.isArray(request["tools"]) && request["tools"].length > 0,
      estimate: tokens,
      exact,
      truth,
    };
  });
  const summary = summarise(lines);
  if (values.json) printJson({ lines, summary });
  else print(...asTable(summary));
  return Promise.resolve();
}

function readLines(file: string): z.infer<typeof exchange>[] {
  const content = readTextFile(file, "anywhere", MAX_EXCHANGES);
  if ("unreadable" in content) throw new UsageError(`${file} can't be read: it is ${content.unreadable}`);
  return content.text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw new UsageError(`${file}:${index + 1}: this line is not JSON`);
    }
    const parsed = exchange.safeParse(json);
    if (!parsed.success)
      throw new UsageError(
        `${file}:${index + 1}: ${parsed.error.issues[0]?.path.join(".") ?? ""}: ${parsed.error.issues[0]?.message ?? "not an exchange"}`,
      );
    return [parsed.data];
  });
}

function summarise(lines: readonly Line[]): Summary[] {
  const groups = groupByKey(lines);
  return [...groups.values()].map((group) => {
    const [first] = group;
    const errors = group
      .map(({ estimate, truth }) => Math.abs(estimate - truth) / Math.max(1, truth))
      .sort((a, b) => a - b);
    const correct = group.filter(({ estimate, truth }) => estimate === truth).length;
    const claimed = group.filter(({ exact }) => exact);
    const middle = errors.length / 2;
    return {
      endpoint: first?.endpoint ?? "",
      tools: first?.tools ?? false,
      lines: group.length,
      correct,
      correctShare: correct / group.length,
      medianError: ((errors[Math.floor(middle - 0.5)] ?? 0) + (errors[Math.floor(middle)] ?? 0)) / 2,
      largestError: errors.at(-1) ?? 0,
      claimedExact: claimed.length,
      claimedAndCorrect: claimed.filter(({ estimate, truth }) => estimate === truth).length,
    };
  });
}

const keyOf = ({ endpoint, tools }: Line): string => `${endpoint}${tools ? " tools" : ""}`;

function groupByKey(lines: readonly Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) groups.set(keyOf(line), [...(groups.get(keyOf(line)) ?? []), line]);
  return groups;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function asTable(summary: readonly Summary[]): string[] {
  const rows = summary.map((one) => [
    one.endpoint,
    one.tools ? "with tools" : "plain",
    String(one.lines),
    percent(one.correctShare),
    percent(one.medianError),
    percent(one.largestError),
    `${one.claimedAndCorrect} of ${one.claimedExact}`,
  ]);
  return table(
    ["Endpoint", "Requests", "Number", "Exact", "Median error", "Largest error", "Claimed exact, and right"],
    rows,
    [2, 3, 4, 5, 6],
  );
}
