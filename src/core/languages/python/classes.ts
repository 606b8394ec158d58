import type { Node } from "web-tree-sitter";
import { children, field } from "../../calls/syntax";
import type { GeneratedConstructor } from "../pack";

/** Decorators and bases of classes whose constructor takes their fields. */
const MADE_BY = /(?:^|\.)(?:dataclass|define|frozen|mutable|attrs|attr\.s)$/;
const MADE_AS = /(?:^|\.)(?:\w*Model|\w*Settings|NamedTuple|Struct|Serializable)$/;

/** The fields that a class's constructor takes; null where it isn't made from them. */
export function generatedConstructor(classNode: Node): GeneratedConstructor | null {
  const list = field(classNode, "superclasses");
  const bases = list === null ? [] : children(list).filter((base) => base.type !== "keyword_argument");
  const { parent } = classNode;
  const decorators = parent?.type === "decorated_definition" ? children(parent) : [];
  const isDecorated = decorators.some(
    (decorator) =>
      decorator.type === "decorator" &&
      MADE_BY.test(
        decorator.text
          .slice(1)
          .replace(/\([^]*$/, "")
          .trim(),
      ),
  );
  if (!isDecorated && !bases.some((base) => MADE_AS.test(base.text))) return null;
  const isOrdered = isDecorated
    ? bases.length === 0
    : bases.length === 1 && /(?:^|\.)NamedTuple$/.test(bases[0]?.text ?? "");
  const body = field(classNode, "body");
  const fields = (body === null ? [] : children(body))
    .flatMap((member) => (member.type === "expression_statement" ? children(member) : []))
    .filter((member) => member.type === "assignment" && field(member, "type") !== null)
    .map((member) => field(member, "left")?.text ?? "");
  return { order: isOrdered ? fields : null, readsEnvironment: bases.some((base) => base.text.endsWith("Settings")) };
}
