import { type Json, type JsonObject, isObject, listAt, objectAt, property, stringAt } from "../../json";
import { resolveReference } from "./schemaType";

/** Keywords whose form in the prompt has not been measured, or not often enough. */
const unmeasuredKeywords = [
  ...["format", "pattern", "minLength", "maxLength"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"],
  ...["oneOf", "allOf", "not", "patternProperties", "nullable", "examples", "const"],
];

const plainTypes = new Set<Json | undefined>(["string", "number", "integer", "boolean", "null"]);

const MAX_DEPTH = 6;

/** Whether a tool's parameters use only what the rendering has been fitted on; elsewhere it may be a few tokens off. */
export const isMeasuredSchema = (parameters: JsonObject): boolean => isMeasured(parameters, parameters, 0, false);

function isMeasured(raw: Json | undefined, root: JsonObject, depth: number, isItem: boolean): boolean {
  if (!isObject(raw)) return true;
  if (depth > MAX_DEPTH) return false;
  const schema = resolveReference(raw, root);
  const alternatives = listAt(schema, "anyOf").filter(isObject);
  if (
    unmeasuredKeywords.some((key) => key in schema) ||
    isDescribedTypeList(schema) ||
    objectAt(schema, "additionalProperties") !== undefined ||
    alternatives.some((one) => !plainTypes.has(property(one, "type")) || isDescribed(one)) ||
    hasUnmeasuredDefault(schema) ||
    (isItem && Object.values(objectAt(schema, "properties") ?? {}).some(isDescribedOrTitled))
  )
    return false;
  return (
    alternatives.every((one) => isMeasured(one, root, depth + 1, false)) &&
    Object.values(objectAt(schema, "properties") ?? {}).every((one) => isMeasured(one, root, depth + 1, false)) &&
    isMeasured(objectAt(schema, "items"), root, depth + 1, true)
  );
}

const isDescribed = (schema: Json | undefined): boolean => (stringAt(schema, "description") ?? "") !== "";
const isDescribedOrTitled = (schema: Json | undefined): boolean =>
  isDescribed(schema) || (stringAt(schema, "title") ?? "") !== "";

/** `type: ["string", "null"]` with more to it. */
const isDescribedTypeList = (schema: JsonObject): boolean =>
  Array.isArray(property(schema, "type")) &&
  (isDescribed(schema) || ["items", "properties", "enum"].some((key) => key in schema));

function hasUnmeasuredDefault(schema: JsonObject): boolean {
  const fallback = property(schema, "default");
  return fallback === null ? objectAt(schema, "properties") !== undefined : typeof fallback === "object";
}
