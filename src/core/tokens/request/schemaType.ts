import { type Json, type JsonObject, isObject, listAt, objectAt, property, stringAt } from "../../json";

/** A JSON schema as the TypeScript type that the models read in its place. Fitted on real exchanges. */

/** A description as comment lines: each line trimmed, empty ones dropped. */
export const comment = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `// ${line}`)
    .join("\n");

/** The parameters of a function: `(_: { city: string })`, with the schema's title and description above. */
export function renderSignature(parameters: JsonObject | undefined): string {
  if (parameters === undefined || !hasProperties(parameters)) return "()";
  const above = headOf(parameters);
  return `(${above.map((line) => `\n${line}`).join("")}${above.length > 0 ? "\n" : ""}_: ${renderObject(parameters, parameters, 0)})`;
}

const hasProperties = (schema: JsonObject): boolean => Object.keys(objectAt(schema, "properties") ?? {}).length > 0;

/** Lines for a schema's title and description, and an empty comment between the two. An empty text counts as none. */
function headOf(schema: JsonObject): string[] {
  const title = stringAt(schema, "title") ?? "";
  const description = stringAt(schema, "description") ?? "";
  return [
    ...(title === "" ? [] : [`// ${title}`]),
    ...(title === "" || description === "" ? [] : ["//"]),
    ...(description === "" ? [] : [comment(description)]),
  ];
}

/** What stands behind a field, in a comment: `// default: 1, minimum: 0`. */
const remarks = ["default", "minimum", "maximum"] as const;

const remarksOf = (schema: JsonObject): string[] =>
  remarks.flatMap((key) => {
    const value = property(schema, key);
    return value === undefined ? [] : [`${key}: ${JSON.stringify(value)}`];
  });

function renderObject(schema: JsonObject, root: JsonObject, depth: number): string {
  const required = new Set(listAt(schema, "required"));
  const properties = Object.entries(objectAt(schema, "properties") ?? {}).map(
    ([name, raw]) => [name, resolveReference(raw, root)] as const,
  );
  const lines = properties.flatMap(([name, inner]) => {
    const field = `${name}${required.has(name) ? "" : "?"}: ${renderType(inner, root, depth)},`;
    const behind = remarksOf(inner);
    return [...headOf(inner), behind.length === 0 ? field : `${field} // ${behind.join(", ")}`];
  });
  if (property(schema, "additionalProperties") === true) lines.push("[k: string]: any,");
  const isOneLine = properties.every(([, inner]) => !hasComments(inner, root, depth));
  return isOneLine ? `{ ${lines.join(" ").replace(/,$/, "")} }` : `{\n${lines.join("\n")}\n}`;
}

/** Whether a schema, or anything inside of it, has something to be said in a comment. */
function hasComments(schema: JsonObject, root: JsonObject, depth: number): boolean {
  if (headOf(schema).length > 0 || remarksOf(schema).length > 0) return true;
  if (depth > MAX_DEPTH) return false;
  // What an alternative says of itself isn't written, only what its properties say.
  const alternatives = unionOf(schema).map((one) => resolveReference(one, root));
  if (alternatives.some((one) => propertiesHaveComments(one, root, depth + 1))) return true;
  return propertiesHaveComments(schema, root, depth);
}

function propertiesHaveComments(schema: JsonObject, root: JsonObject, depth: number): boolean {
  const items = objectAt(schema, "items");
  const nested = items === undefined ? schema : resolveReference(items, root);
  return Object.values(objectAt(nested, "properties") ?? {}).some((inner) =>
    hasComments(resolveReference(inner, root), root, depth + 1),
  );
}

const unionOf = (schema: JsonObject): Json[] => [...listAt(schema, "anyOf"), ...listAt(schema, "oneOf")];

/** Schemas may refer to themselves. */
const MAX_DEPTH = 8;

function renderType(schema: JsonObject, root: JsonObject, depth: number): string {
  if (depth > MAX_DEPTH) return "any";
  const constant = property(schema, "const");
  if (constant !== undefined) return JSON.stringify(constant);
  const choices = listAt(schema, "enum");
  if (choices.length > 0) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  const union = unionOf(schema);
  if (union.length > 0) return union.map((one) => renderType(resolveReference(one, root), root, depth + 1)).join(" | ");
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
      return items === undefined ? "any[]" : `${renderType(resolveReference(items, root), root, depth + 1)}[]`;
    }
    case "object":
      return hasProperties(schema) ? renderObject(schema, root, depth + 1) : "object";
    default:
      return "any";
  }
}

/** A schema with its `$ref` (into the same document) put in. */
export function resolveReference(schema: Json | undefined, root: JsonObject): JsonObject {
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
