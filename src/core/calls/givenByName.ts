import type { Node } from "web-tree-sitter";
import type { Place } from "./module";
import { type Value, hole, text } from "./value";

/**
 * What a member is by its full name alone: a constant of the client's package (`openai.ChatModelGPT4o`), or a variable
 * of the environment (`process.env.NAME`, `os.environ["NAME"]`, `import.meta.env.NAME`).
 */
export function givenByName(name: string | undefined, node: Node, place: Place): Value | undefined {
  if (name === undefined) return undefined;
  const constant = place.module.pack.constantOf?.(name);
  if (constant !== undefined) return text(constant, "constant");
  if (!/^(process\.env|import\.meta\.env|Deno\.env|os\.environ)\b./.test(name)) return undefined;
  return {
    kind: "unknown",
    hole: hole(node.text),
    several: false,
    otherwise: null,
    isEnvironment: true,
    source: "literal",
  };
}

/** What a name stands for is unknown: the hole is the name where it is read, which says more there. */
export const withHole = (value: Value & { kind: "unknown" }, reader: Node, place: Place): Value =>
  reader.id === place.section.root.id ? value : { ...value, hole: hole(reader.text) };
