/** What is told of a name's place by the text around it, before its node is looked for. Python's and JavaScript's. */

/** Whether a name, as it stands in a text, may be assigned to there. */
export const mayAssign = (source: string, from: number, to: number): boolean =>
  /^\s*(?:[-+*/|&^%@]{1,2}|\?\?|\|\||&&|:|[}\]]\s*|,[^;\n=]{0,100}[}\]]\s*)?=(?![=>])|^\s*(?:\+\+|--)/.test(
    source.slice(to, to + 120),
  ) || /\b(?:global|nonlocal)\s+(?:[\w ,]{0,100},\s*)?$/.test(source.slice(Math.max(0, from - 120), from));

/** So much of the text before and behind a name is looked at. */
const LOOKED_AT = 200;

/** Behind a name: a way into its value, and then what may change it, keep it or hand it on. */
const INTO = String.raw`(?:\s*(?:\?\.|!?\.)(?:(?:get|setdefault|at|find|findLast|values|items|entries|copy|slice)\([^()\n]{0,80}\)|\w+(?!\w*\s*\())|\s*!?(?:\?\.)?\[[^\]\n]{0,80}\]|!(?!=))*`;
const METHOD = String.raw`\??\.(?:append|extend|insert|pop|popitem|remove|clear|sort|reverse|discard|update|setdefault|push|unshift|splice|shift|fill|copyWithin|set|add|delete|find|findLast|filter|next|forEach|map|flatMap|some|every)\b`;
const OPERATOR = String.raw`(?:[-+*/|&^%@]{1,2}|\?\?|\|\||&&)?=(?![=>])|\+\+|--|[,)\]};:?\n]|\|\||&&|\?\?|(?:as|if|else|or|and|for|satisfies|of)\b|$`;
const MATTERS = new RegExp(`^${INTO}\\s*?(?:${METHOD}|${OPERATOR})`);

/** Whether a name, as it stands in a text, may be changed, kept or handed on there: most names are only read. */
export function mayMatter(source: string, from: number, to: number): boolean {
  return (
    MATTERS.test(source.slice(to, to + LOOKED_AT)) ||
    /\b(?:del|delete|global|nonlocal)\s+(?:[\w ,]{0,100},\s*)?$/.test(source.slice(Math.max(0, from - 120), from))
  );
}

/** Calls whose result is a list or record that other code may hold too. */
export const makesContainer = (callee: string): boolean =>
  /(?:^|\.)(?:dict|list|tuple|copy|assign|freeze|concat|get|slice|filter)$/.test(callee);
