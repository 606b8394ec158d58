import { type Json, type JsonObject, isObject, listAt, objectAt, property, stringAt } from "../../json";

/** A function tool, whichever API it was written for. */
export interface FunctionTool {
  name: string;
  description: string;
  parameters: JsonObject | undefined;
}

/** Chat completions wrap a function (`{type, function: {…}}`), the Responses API does not. */
export function readFunctionTool(tool: Json): FunctionTool | undefined {
  const inner = objectAt(tool, "function") ?? (stringAt(tool, "type") === "function" ? tool : undefined);
  const name = stringAt(inner, "name");
  if (name === undefined) return undefined;
  return { name, description: stringAt(inner, "description") ?? "", parameters: objectAt(inner, "parameters") };
}

/**
 * Function tools as the models read them: a TypeScript namespace. OpenAI's published Harmony format describes
 * it; the details (descriptions without their indentation, an object of undescribed properties on one line)
 * are fitted on real exchanges.
 */
export function renderNamespace(tools: readonly FunctionTool[]): string {
  const lines = ["namespace functions {", ""];
  for (const tool of tools) {
    if (tool.description !== "") lines.push(comment(tool.description));
    lines.push(`type ${tool.name} = ${renderSignature(tool.parameters)} => any;`, "");
  }
  lines.push("} // namespace functions");
  return lines.join("\n");
}

/** Whether a schema uses only what the rendering has been fitted on; elsewhere it may be a few tokens off. */
export function isMeasuredSchema(schema: Json | undefined, depth = 0): boolean {
  if (!isObject(schema)) return true;
  const unusual = [
    "title",
    "$defs",
    "$ref",
    "oneOf",
    "allOf",
    "default",
    "examples",
    "format",
    "pattern",
    "nullable",
    "const",
  ];
  if (unusual.some((key) => key in schema)) return false;
  if (depth > 1 && stringAt(schema, "type") === "object") return false;
  if (depth > 1 && stringAt(schema, "description") !== undefined) return false;
  const inner = [
    ...Object.values(objectAt(schema, "properties") ?? {}),
    property(schema, "items"),
    ...listAt(schema, "anyOf"),
  ];
  return inner.every((part) => isMeasuredSchema(part, depth + 1));
}

function renderSignature(parameters: JsonObject | undefined): string {
  if (parameters === undefined || Object.keys(objectAt(parameters, "properties") ?? {}).length === 0) return "()";
  const description = stringAt(parameters, "description");
  const above = description === undefined ? "" : `\n${comment(description)}\n`;
  return `(${above}_: ${renderObject(parameters, parameters, 0)})`;
}

/** The models see a description without its indentation. */
const comment = (text: string): string =>
  `// ${text
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .join("\n")}`;

function renderObject(schema: JsonObject, root: JsonObject, depth: number): string {
  const required = new Set(listAt(schema, "required"));
  const properties = Object.entries(objectAt(schema, "properties") ?? {}).map(([name, raw]) => ({
    name,
    schema: follow(raw, root),
  }));
  const plain = properties.every((one) => !isDescribed(one.schema, root, depth));
  const lines = properties.flatMap(({ name, schema: inner }) => {
    const title = stringAt(inner, "title");
    const description = stringAt(inner, "description");
    const fallback = property(inner, "default");
    const field = `${name}${required.has(name) ? "" : "?"}: ${renderType(inner, root, depth)},`;
    return [
      ...(title === undefined ? [] : [`// ${title}`, "//"]),
      ...(description === undefined ? [] : [comment(description)]),
      fallback === undefined ? field : `${field} // default: ${JSON.stringify(fallback)}`,
    ];
  });
  return depth === 0 && plain ? `{ ${lines.join(" ").replace(/,$/, "")} }` : `{\n${lines.join("\n")}\n}`;
}

function isDescribed(schema: JsonObject, root: JsonObject, depth: number): boolean {
  if (["title", "description", "default"].some((key) => property(schema, key) !== undefined)) return true;
  if (depth > MAX_DEPTH) return false;
  const nested = objectAt(schema, "items") ?? schema;
  return Object.values(objectAt(nested, "properties") ?? {}).some((inner) =>
    isDescribed(follow(inner, root), root, depth + 1),
  );
}

/** Schemas may refer to themselves. */
const MAX_DEPTH = 8;

function renderType(schema: JsonObject, root: JsonObject, depth: number): string {
  if (depth > MAX_DEPTH) return "any";
  const constant = property(schema, "const");
  if (constant !== undefined) return JSON.stringify(constant);
  const choices = listAt(schema, "enum");
  if (choices.length > 0) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  const union = [...listAt(schema, "anyOf"), ...listAt(schema, "oneOf")];
  if (union.length > 0) return union.map((one) => renderType(follow(one, root), root, depth + 1)).join(" | ");
  const type = property(schema, "type");
  if (Array.isArray(type)) return type.map((one) => renderType({ ...schema, type: one }, root, depth + 1)).join(" | ");
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "integer":
    case "number":
      return "number";
    case "array": {
      const items = objectAt(schema, "items");
      return items === undefined ? "any[]" : `${renderType(follow(items, root), root, depth + 1)}[]`;
    }
    case "object":
      return Object.keys(objectAt(schema, "properties") ?? {}).length > 0
        ? renderObject(schema, root, depth + 1)
        : "object";
    default:
      return "any";
  }
}

/** A schema with its `$ref` (into the same document) put in. */
function follow(schema: Json | undefined, root: JsonObject): JsonObject {
  let found: JsonObject = isObject(schema) ? schema : {};
  for (let hops = 0; hops < MAX_DEPTH; hops++) {
    const reference = stringAt(found, "$ref");
    if (reference === undefined) return found;
    const target = reference
      .replace(/^#\/?/, "")
      .split("/")
      .reduce<Json | undefined>((at, key) => property(at, key), root);
    const { $ref: _followed, ...beside } = found;
    found = { ...(isObject(target) ? target : {}), ...beside };
  }
  return found;
}
