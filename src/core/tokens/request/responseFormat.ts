import { type Json, type JsonObject, isObject, listAt, objectAt, stringAt } from "../../json";
import type { Tally } from "./tally";

/**
 * Adds a JSON schema that the answer must follow. The models read it under a heading, without
 * `additionalProperties` and `required`: fitted on real exchanges, and published for the Harmony format.
 */
export function addResponseFormat(format: JsonObject | undefined, hasTools: boolean, tally: Tally): void {
  if (stringAt(format, "type") !== "json_schema") return;
  const definition = objectAt(format, "json_schema") ?? format;
  const schema = objectAt(definition, "schema");
  if (schema === undefined) return;
  const description = stringAt(definition, "description");
  const heading = `# Response Formats\n\n## ${stringAt(definition, "name") ?? ""}\n\n${description === undefined ? "" : `// ${description}\n`}`;
  const constant = hasTools ? 1 : tally.framing.reasoning ? 0 : 7;
  tally.add("response format", tally.text(heading + JSON.stringify(withoutConstraints(schema))) + constant);
  if (!hasTools || !allRequired(schema))
    tally.atLeast("the response format's exact form in the prompt is not published");
}

function withoutConstraints(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutConstraints);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) =>
      !(key === "additionalProperties" && typeof inner === "boolean") && !(key === "required" && Array.isArray(inner)),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, inner === undefined ? null : withoutConstraints(inner)]));
}

function allRequired(schema: Json | undefined): boolean {
  if (Array.isArray(schema)) return schema.every(allRequired);
  if (!isObject(schema)) return true;
  const required = new Set(listAt(schema, "required"));
  const complete = Object.keys(objectAt(schema, "properties") ?? {}).every((name) => required.has(name));
  return complete && Object.values(schema).every(allRequired);
}
