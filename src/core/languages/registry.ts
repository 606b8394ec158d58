import { javascript, tsx, typescript } from "./ecmascript/pack";
import { go } from "./go/pack";
import type { LanguagePack } from "./pack";
import { python } from "./python/pack";

/** All languages: every list of them derives from this one. */
export const languages: readonly LanguagePack[] = [python, typescript, tsx, javascript, go];

/** VS Code's identifiers of all documents that can be read. */
export const languageIdentifiers: readonly string[] = languages.flatMap(({ identifiers }) => identifiers);

/** The names that the command line prints. */
export const languageNames: readonly string[] = [...new Set(languages.map(({ id }) => id))];

export const languageOfIdentifier = (identifier: string): LanguagePack | undefined =>
  languages.find(({ identifiers }) => identifiers.includes(identifier));

export function languageOfFile(file: string): LanguagePack | undefined {
  const lower = file.toLowerCase();
  return languages.find((language) => language.extensions.some((extension) => lower.endsWith(extension)));
}
