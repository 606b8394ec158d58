import { type Node, type ParseError, findNodeAtLocation, parseTree, printParseErrorCode } from "jsonc-parser";
import { z } from "zod";

const usdPerMillion = z.number().min(0).max(1_000_000);
const factor = z.number().min(0).max(10);

const modelPrice = z.strictObject({
  input: usdPerMillion.describe("USD per million input tokens."),
  cachedInput: usdPerMillion
    .optional()
    .describe("USD per million input tokens read from the cache. Without it, cached tokens cost the same as input."),
  output: usdPerMillion.optional().describe("USD per million output tokens. Leave it out for embeddings."),
  batchFactor: factor.optional().describe("What the batch API multiplies this model's prices by."),
  flexFactor: factor.optional().describe('What service_tier "flex" multiplies this model\'s prices by.'),
  priorityFactor: factor
    .optional()
    .describe('What service_tier "priority" multiplies this model\'s prices by. Without it, such calls show no price.'),
  aliases: z
    .array(z.string().min(1))
    .optional()
    .describe("Other names of the model: a deployment on Azure, a name in a gateway."),
});

const hosts = z
  .record(z.string().min(1), z.string().min(1))
  .describe(
    'Whose prices a host asks, such as a gateway of your own: { "llm.corp.example": "openai", "localhost:4000": "openai" }. "*" is any host that isn\'t known. Vendors: openai, azure, openrouter, groq and so on.',
  );

export const pricingTable = z.strictObject({
  $schema: z.string().optional(),
  lastReviewed: z.iso
    .date()
    .optional()
    .describe("The date when these prices were last compared with their source, as YYYY-MM-DD."),
  source: z.string().optional().describe("Where the prices are from: an address, a contract."),
  reviewEveryDays: z.number().int().min(1).optional().describe("Days after which the table is due for review."),
  batchFactor: factor
    .optional()
    .describe("What the batch API multiplies prices by, where a model says nothing else. OpenAI's is 0.5."),
  flexFactor: factor
    .optional()
    .describe('What service_tier "flex" multiplies prices by, where a model says nothing else. OpenAI\'s is 0.5.'),
  hosts: hosts.optional(),
  models: z
    .record(z.string().min(1), modelPrice)
    .describe(
      "Prices by model, in USD per million tokens. A dated snapshot (gpt-4o-2024-08-06) takes its model's row. A fine-tune (ft:…) has its own row or no price. A row of one vendor has it in front: openrouter/openai/gpt-4o, local/llama3, llm.corp.example/gpt-4o. The plain name of one of OpenAI's models is the row of OpenAI, Azure and proxies that pass its prices on.",
    ),
});

/** The user's prices: USD per million tokens. */
export type PricingTable = z.infer<typeof pricingTable>;
export type ModelPriceRow = z.infer<typeof modelPrice>;

/** The JSON schema that gives completion and hovers while the table is edited. */
export function pricingTableJsonSchema(): object {
  return { title: "Prices of Prompt Cost Lens", ...z.toJSONSchema(pricingTable) };
}

/** Something wrong at a place in the file: offsets in UTF-16 units. */
export interface TableProblem {
  message: string;
  start: number;
  end: number;
}

export type TableResult = { table: PricingTable; problems: [] } | { table: null; problems: TableProblem[] };

/** Reads a pricing table; a broken one gives the problems with their places, and no table. */
export function parsePricingTable(text: string): TableResult {
  const errors: ParseError[] = [];
  // VS Code hides a byte order mark, the file on disk may have one.
  const root = parseTree(text.replace(/^\uFEFF/, " "), errors, { allowTrailingComma: false, disallowComments: true });
  if (errors.length > 0 || root === undefined) {
    const problems = errors.map(({ error, offset, length }) => ({
      message: `This is not JSON: ${inWords(printParseErrorCode(error))}.`,
      start: offset,
      end: offset + Math.max(1, length),
    }));
    return {
      table: null,
      problems: problems.length > 0 ? problems : [{ message: "The pricing table is empty.", start: 0, end: 1 }],
    };
  }
  const parsed = pricingTable.safeParse(plainValue(root));
  if (!parsed.success) return { table: null, problems: parsed.error.issues.flatMap((issue) => locate(root, issue)) };
  const clashes = findClashes(root, parsed.data);
  return clashes.length > 0 ? { table: null, problems: clashes } : { table: parsed.data, problems: [] };
}

const inWords = (code: string): string =>
  code.replace(/([a-z])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`).toLowerCase();

/** The tree's value, keeping a property named `__proto__` a plain property. */
function plainValue(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(plainValue);
  if (node.type !== "object") return node.value as unknown;
  return Object.fromEntries(
    (node.children ?? []).flatMap(({ children }) => {
      const [key, value] = children ?? [];
      return key === undefined || value === undefined ? [] : [[String(key.value), plainValue(value)]];
    }),
  );
}

function locate(root: Node, issue: z.core.$ZodIssue): TableProblem[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) =>
      problemAt(keyNode(root, [...path, key]), `"${key}" is not a property of the pricing table.`),
    );
  }
  // A missing property has no place of its own: its object has.
  for (let depth = path.length; depth >= 0; depth--) {
    const node = findNodeAtLocation(root, path.slice(0, depth));
    if (node === undefined) continue;
    const missing = path.slice(depth).join(".");
    return [
      problemAt(
        depth < path.length ? keyNode(root, path.slice(0, depth)) : node,
        missing === "" ? issue.message : `"${missing}" is missing: ${issue.message}`,
      ),
    ];
  }
  return [problemAt(root, issue.message)];
}

/** The key of the property at a path; the value itself for the root and for items of lists. */
function keyNode(root: Node, path: (string | number)[]): Node {
  const value = findNodeAtLocation(root, path) ?? root;
  return value.parent?.type === "property" ? (value.parent.children?.[0] ?? value) : value;
}

const problemAt = (node: Node, message: string): TableProblem => ({
  message,
  start: node.offset,
  end: node.offset + Math.min(node.length, 200),
});

/** Two rows for one name would make the price a matter of chance. */
function findClashes(root: Node, table: PricingTable): TableProblem[] {
  const owners = new Map(Object.keys(table.models).map((name) => [name, name]));
  const problems: TableProblem[] = [];
  for (const [model, row] of Object.entries(table.models)) {
    (row.aliases ?? []).forEach((alias, index) => {
      const owner = owners.get(alias);
      owners.set(alias, model);
      if (owner === undefined || (owner === model && alias !== model)) return;
      const node = findNodeAtLocation(root, ["models", model, "aliases", index]) ?? root;
      problems.push(problemAt(node, `"${alias}" already names the row of ${owner}.`));
    });
  }
  return problems;
}

/** Days since the last review beyond what the table allows; 0 where it is in time or doesn't say. */
export function daysOverdue(table: PricingTable, today: Date): number {
  if (table.lastReviewed === undefined || table.reviewEveryDays === undefined) return 0;
  const days = Math.floor((today.getTime() - Date.parse(`${table.lastReviewed}T00:00:00Z`)) / 86_400_000);
  return Math.max(0, days - table.reviewEveryDays);
}
