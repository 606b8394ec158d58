import { z } from "zod";
import { languageNames } from "../languages/registry";
import { confidences, isExact, reasonLine } from "../tokens/confidence";
import { deciders, vendorKinds } from "../vendors/vendor";
import type { ScanResult } from "./scan";

const count = z.number().int().min(0);
const usd = z.number().nullable().describe("USD; null where it is not known.");

/** What `scan --json` prints. Published as dist/scan.schema.json. */
export const scanOutput = z.object({
  calls: z.array(
    z.object({
      file: z.string().describe("Path from the folder where the command ran, with forward slashes."),
      cell: count.nullable().describe("The notebook's cell, counting all cells from 0; null in other files."),
      line: z.number().int().min(1).describe("Line of the call expression's start, from 1; in its cell for notebooks."),
      column: z.number().int().min(1).describe("Column of the call expression's start, from 1, in UTF-16 units."),
      language: z.enum(languageNames),
      api: z.string().describe("Such as chat.completions.create."),
      model: z.object({
        name: z.string().nullable(),
        source: z
          .enum(["literal", "constant", "default", "dynamic"])
          .describe(
            "Written in the call, a constant, a default that callers or the environment can change, or only known at run time.",
          ),
      }),
      vendor: z
        .object({
          id: z.string().describe("Such as openai, azure, openrouter, local; unknown where it is not known."),
          name: z.string().describe("In words; of an unknown vendor what is known of it."),
          kind: z
            .enum(vendorKinds)
            .describe(
              "own: OpenAI, or who sells its models at its prices; other: at prices of its own; proxy: passes on the prices of the vendor behind it; local: runs models itself; unknown.",
            ),
          host: z.string().nullable(),
          decidedBy: z
            .enum(deciders)
            .describe("What told: the client's address, its class, a name in the code, the model's name; or nothing."),
        })
        .describe("Who answers."),
      input: z.object({
        tokens: count,
        exact: z
          .boolean()
          .describe(
            "Whether the confidence is exact, without any condition: false for exactForOneCall, as in what check prints.",
          ),
        confidence: z
          .enum(confidences)
          .describe(
            "exact; exactForOneCall: exact if the answer makes at most one call; estimated: its framing is not measured; lowerBound: a part of the prompt is unknown; partial: a part is unknown, and the rest estimated.",
          ),
        reasons: z
          .array(z.string())
          .describe("Why it is no surer, apart from holes, and what it holds that the texts don't show."),
      }),
      output: z.object({
        limit: count.nullable().describe("Most output tokens of the call; null without a known limit."),
      }),
      costUsd: z.object({ input: usd, outputLimit: usd }),
      holes: z.array(z.string()).describe("Expressions of the prompt that only the running program knows."),
    }),
  ),
  files: z.object({
    scanned: count,
    skipped: z.partialRecord(z.enum(["binary", "minified", "overLong", "unreadable"]), count),
  }),
});

export const scanOutputJsonSchema = (): object => ({
  title: "Output of prompt-cost scan --json",
  ...z.toJSONSchema(scanOutput),
});

export type ScanOutput = z.infer<typeof scanOutput>;

/** Brings a scan's result into the published form. */
export function toScanOutput(result: ScanResult, nameOf: (file: string) => string): ScanOutput {
  return {
    calls: result.calls.map(({ file, cell, line, column, language, api, estimate }) => ({
      file: nameOf(file),
      cell,
      line,
      column,
      language: scanOutput.shape.calls.element.shape.language.parse(language),
      api,
      model: { name: estimate.model.name, source: estimate.model.source },
      vendor: {
        id: estimate.vendor.id,
        name: estimate.vendor.name,
        kind: estimate.vendor.kind,
        host: estimate.vendor.host,
        decidedBy: estimate.vendor.decidedBy,
      },
      input: {
        tokens: estimate.input.tokens,
        exact: isExact(estimate.input.confidence),
        confidence: estimate.input.confidence,
        reasons: estimate.input.reasons.map(reasonLine),
      },
      output: { limit: estimate.outputLimit },
      costUsd: { input: estimate.cost.input, outputLimit: estimate.cost.outputLimit },
      holes: estimate.holes,
    })),
    files: result.files,
  };
}
