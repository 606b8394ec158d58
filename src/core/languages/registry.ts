import { javascript, tsx, typescript } from "./ecmascript/pack";
import type { Language } from "./pack";
import { python } from "./python/pack";

/** All languages. A new one is a query file, a file of rules, and a place in this list. */
export const languages: readonly Language[] = [python, typescript, tsx, javascript];

/** VS Code's language identifiers; its two React languages have grammars of their own here. */
const byIdentifier: Record<string, Language> = {
  python,
  typescript,
  typescriptreact: tsx,
  javascript,
  javascriptreact: javascript,
};

export const languageIdentifiers: readonly string[] = Object.keys(byIdentifier);

export function languageOfIdentifier(identifier: string): Language | undefined {
  return Object.hasOwn(byIdentifier, identifier) ? byIdentifier[identifier] : undefined;
}

export function languageOfFile(file: string): Language | undefined {
  const lower = file.toLowerCase();
  return languages.find((language) => language.extensions.some((extension) => lower.endsWith(extension)));
}
