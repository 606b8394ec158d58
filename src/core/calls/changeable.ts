import type { LanguageRules, Operation } from "../languages/pack";

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
      return rules.makesContainer(expression.callee.text);
    default:
      return false;
  }
}
