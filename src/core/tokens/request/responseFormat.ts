import { type Json, type JsonObject, isObject, objectAt, stringAt } from "../../json";
import { asciiJson, isAscii } from "./jsonText";

/** A JSON schema that the answer must follow. */
export interface ResponseFormat {
  name: string;
  /** What the models read of it. */
  text: string;
  /** Schemas beyond ASCII are escaped in a way that isn't measured often enough. */
  measured: boolean;
}

/**
 * Reads `response_format` of chat completions or `text.format` of the Responses API; undefined without a schema. The
 * models read the schema under a heading, without its limits: published for the Harmony format, and fitted on real
 * exchanges.
 */
export function readResponseFormat(format: JsonObject | undefined): ResponseFormat | undefined {
  if (stringAt(format, "type") !== "json_schema") return undefined;
  const definition = objectAt(format, "json_schema") ?? format;
  const schema = objectAt(definition, "schema");
  if (schema === undefined) return undefined;
  const name = stringAt(definition, "name") ?? "";
  const description = stringAt(definition, "description") ?? "";
  const heading = `# Response Formats\n\n## ${name}\n\n${description === "" ? "" : `// ${description}\n`}`;
  const json = JSON.stringify(withoutLimits(schema));
  return { name, text: heading + asciiJson(json), measured: isAscii(json) };
}

/** Keywords that the models don't read. */
const dropped = new Set([
  ...["$schema", "$id", "$comment", "format", "pattern", "examples", "default", "additionalProperties"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["minLength", "maxLength", "minItems", "maxItems", "uniqueItems"],
]);

/** Keywords below which there are names of properties or schemas, which may be called like a keyword. */
const named = new Set(["properties", "$defs", "definitions"]);

function withoutLimits(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutLimits);
  if (!isObject(value)) return value;
  return mapEntries(value, (key, inner) =>
    dropped.has(key) || (key === "required" && Array.isArray(inner))
      ? undefined
      : named.has(key) && isObject(inner)
        ? mapEntries(inner, (_name, one) => withoutLimits(one))
        : withoutLimits(inner),
  );
}

function mapEntries(value: JsonObject, map: (key: string, inner: Json) => Json | undefined): JsonObject {
  const entries = Object.entries(value).map(([key, inner]) => [key, map(key, inner ?? null)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}
