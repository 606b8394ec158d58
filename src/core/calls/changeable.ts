import type { LanguageRules, Operation } from "../languages/pack";

/** Calls whose result is a list or record that other code may hold too. */
const MAKES_CONTAINERS = /(?:^|\.)(?:dict|list|tuple|copy|assign|freeze|concat|get|slice|filter)$/;

/** Whether a name may stand for a list or record: texts and numbers are what they are. */
export function mayChange(operation: Operation, rules: LanguageRules): boolean {
  if (operation.kind === "import") return true;
  if (operation.kind !== "assign") return false;
  let expression = rules.lower(operation.value);
  while (expression.kind === "same") expression = rules.lower(expression.inner);
  switch (expression.kind) {
    case "list":
    case "record":
    case "name":
    case "member":
    case "index":
    case "fallback":
      return true;
    case "sum":
      return !expression.operands.some((operand) => rules.lower(operand).kind === "text");
    case "call":
      return MAKES_CONTAINERS.test(expression.callee.text);
    default:
      return false;
  }
}

/** Whether a name, as it stands in a text, may be assigned to there. */
export const mayAssign = (source: string, from: number, to: number): boolean =>
  /^\s*(?:[-+*/|&^%@]{1,2}|\?\?|\|\||&&|:|[}\]]\s*|,[^;\n=]{0,100}[}\]]\s*)?=(?![=>])|^\s*(?:\+\+|--)/.test(
    source.slice(to, to + 120),
  ) || /\b(?:global|nonlocal)\s+(?:[\w ,]{0,100},\s*)?$/.test(source.slice(Math.max(0, from - 120), from));
