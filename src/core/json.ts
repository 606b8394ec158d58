/** Plain data as it stands in a request's body. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value's own property, or undefined where the value is no object or has none. */
export function property(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function objectAt(value: Json | undefined, key: string): JsonObject | undefined {
  const found = property(value, key);
  return isObject(found) ? found : undefined;
}

export function listAt(value: Json | undefined, key: string): Json[] {
  const found = property(value, key);
  return Array.isArray(found) ? found : [];
}

export function stringAt(value: Json | undefined, key: string): string | undefined {
  const found = property(value, key);
  return typeof found === "string" ? found : undefined;
}

/** A finite, non-negative number, as limits and counts are. */
export function numberAt(value: Json | undefined, key: string): number | undefined {
  const found = property(value, key);
  return typeof found === "number" && Number.isFinite(found) && found >= 0 ? found : undefined;
}
