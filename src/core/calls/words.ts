import type { LanguagePack } from "../languages/pack";
import { methodsOf } from "./apis";

const alternatives = (words: readonly string[]): string => [...new Set(words)].join("|");

/** A pattern that is made once for each language. */
function once(make: (pack: LanguagePack) => RegExp): (pack: LanguagePack) => RegExp {
  const known = new WeakMap<LanguagePack, RegExp>();
  return (pack) => {
    let pattern = known.get(pack);
    if (pattern === undefined) known.set(pack, (pattern = make(pack)));
    return pattern;
  };
}

/** Every word that is a method's name, to search all of a text. */
export const methodWords = once(({ apis }) => new RegExp(`\\b(?:${alternatives(methodsOf(apis))})\\b`, "g"));

const hasMethod = once(({ apis }) => new RegExp(`\\b(?:${alternatives(methodsOf(apis))})\\b`));

/** Words of which one stands in every file that has a call: the last step to a method, or the method itself. */
export const pathWords = ({ apis }: LanguagePack): readonly string[] => [
  ...new Set(apis.flatMap((api) => (api.path.length === 0 ? api.methods : api.path.slice(-1)))),
];

/** An API's name as a member, a key or a class. */
const hasPath = once((pack) => {
  const words = pathWords(pack);
  const classes = words.filter((word) => /^[A-Z]/.test(word));
  const asClass = classes.length === 0 ? "" : `|\\b(?:${alternatives(classes)})\\b`;
  return new RegExp(`(?:\\.|\\[\\s*["'\`]|[{,]\\s*)(?:${alternatives(words)})\\b${asClass}`);
});

/** Whether a text is worth parsing: without both an API's name and a method, there is nothing to parse for. */
export const mayHaveCalls = (text: string, pack: LanguagePack): boolean =>
  hasMethod(pack).test(text) && hasPath(pack).test(text);
