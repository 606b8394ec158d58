import { z } from "zod";
import { Assets } from "../core/assets";
import { readTextFile } from "../core/files/readFile";
import type { JsonObject } from "../core/json";
import { type RequestShape, countRequest } from "../core/tokens/request/count";
import { isExact, reasonLine } from "../core/tokens/confidence";
import { print, printJson } from "./output";
import { type Line, asTable, featureOf, summarise, wrongCounts } from "./checkSummary";
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
  /** False where the count can't follow from the request. */
  knowable: z.boolean().optional(),
  usage: z.object({ prompt_tokens: z.number().optional(), input_tokens: z.number().optional() }),
});

/** `prompt-cost check FILE.jsonl`: the estimate against the truth. */
export function check(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { json: { type: "boolean" }, knowable: { type: "boolean" } });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new UsageError("check needs one file of exchanges, a JSON object a line");
  const assets = new Assets(__dirname);
  const lines = readLines(file).map(({ id, endpoint, model, request, usage, line, knowable }): Line => {
    const shape = Object.hasOwn(shapes, endpoint) ? shapes[endpoint] : undefined;
    const truth = usage.prompt_tokens ?? usage.input_tokens;
    if (shape === undefined)
      throw new UsageError(`${file}:${line}: endpoint "${endpoint}" is not one of ${Object.keys(shapes).join(", ")}`);
    if (truth === undefined) throw new UsageError(`${file}:${line}: usage has neither prompt_tokens nor input_tokens`);
    const requested = request["model"];
    const body: JsonObject = request;
    const answering = model ?? (typeof requested === "string" ? requested : null);
    const { tokens, confidence, reasons } = countRequest(shape, body, answering, assets.encodings);
    return {
      id,
      endpoint,
      feature: featureOf(body),
      model: answering ?? "",
      estimate: tokens,
      confidence,
      exact: isExact(confidence),
      // A file that doesn't say so: a count is unknowable where a part of the prompt isn't in the request.
      knowable: knowable ?? confidence !== "lowerBound",
      reasons: reasons.map(reasonLine),
      truth,
    };
  });
  const shown = values.knowable === true ? lines.filter((line) => line.knowable) : lines;
  const summary = summarise(shown);
  if (values.json) printJson({ lines: shown, summary });
  else print(...asTable(summary), ...wrongCounts(shown));
  return Promise.resolve();
}

function readLines(file: string): (z.infer<typeof exchange> & { line: number })[] {
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
    return [{ ...parsed.data, line: index + 1 }];
  });
}
