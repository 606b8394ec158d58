import type { Json, JsonObject } from "../json";
import { type Hole, type Value, hole } from "./value";

/** A value as it goes into the request's body, without what isn't known. */
export interface PartialJson {
  value: Json;
  holes: Hole[];
}

/** Turns a value into plain JSON. Holes inside a text leave the text around them; unknown values are left out. */
export function toJson(value: Value): PartialJson {
  const holes: Hole[] = [];
  const convert = (one: Value): Json | undefined => {
    switch (one.kind) {
      case "text":
        for (const part of one.parts) if (typeof part !== "string") holes.push(part);
        return one.parts.filter((part) => typeof part === "string").join("");
      case "plain":
        return one.value;
      case "list":
        return one.items.map(convert).filter((item) => item !== undefined);
      case "record": {
        const object: JsonObject = {};
        for (const [key, inner] of one.entries) {
          const json = convert(inner);
          if (json !== undefined)
            Object.defineProperty(object, key, { value: json, enumerable: true, configurable: true, writable: true });
        }
        for (const missing of one.rest) holes.push(missing);
        return object;
      }
      case "unknown":
        if (one.isEnvironment && one.otherwise !== null) return convert(one.otherwise);
        holes.push(one.hole);
        return undefined;
      case "path":
      case "file":
        holes.push(hole(one.path));
        return undefined;
    }
  };
  return { value: convert(value) ?? null, holes };
}
