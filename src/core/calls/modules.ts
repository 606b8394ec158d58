import path from "node:path";
import type { Json } from "../json";
import type { Files } from "./files";
import { foldersBetween } from "./folders";
import { importCandidates } from "./imports";
import { languageOfFile } from "./languages/registry";
import type { Language } from "./languages/language";
import { ModuleParser, type ParsedModule } from "./module";
import type { LoadedLanguage } from "./syntax";
import { type Value, plain, text } from "./value";

/** What an import leads to: code, or a file of data. */
export type Imported = { kind: "module"; module: ParsedModule } | { kind: "data"; value: Value };

/** Other files of the workspace, as far as calls need them, and which ones they needed. */
export class Modules {
  private readonly parsed = new Map<string, { text: string; parser: ModuleParser; module: ParsedModule }>();
  private used = new Set<string>();
  private wanted = new Set<Language>();

  constructor(
    readonly files: Files,
    private readonly loaded: ReadonlyMap<string, LoadedLanguage>,
  ) {}

  /** Begins with a text. */
  begin(): void {
    this.follow();
    this.wanted = new Set();
  }

  /** Begins to note the files that are looked at, there or missing. */
  follow(): void {
    this.used = new Set();
  }

  /** The files since `begin` or `follow`: a change in one of them changes the result. */
  get dependencies(): ReadonlySet<string> {
    return this.used;
  }

  /** Languages of imported files whose grammars must be loaded before evaluating once more. */
  get wantedLanguages(): ReadonlySet<Language> {
    return this.wanted;
  }

  resolve(specifier: string, from: ParsedModule): Imported | undefined {
    if (from.file === null) return undefined;
    for (const candidate of importCandidates(
      specifier,
      from.file,
      from.language.language.id,
      this.rootsFor(from),
      (file) => this.read(file, from),
    )) {
      const found = this.load(candidate, from);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A prompt file's text; relative paths are tried from the workspace's root, then from the code's folder up. */
  readText(file: string, from: ParsedModule): Value | undefined {
    for (const candidate of this.placesOf(file, from)) {
      const content = this.read(candidate, from);
      if (content === undefined) continue;
      // Python reads text with \n for every line end.
      return text(from.language.language.id === "python" ? content.replaceAll("\r\n", "\n") : content, "constant");
    }
    return undefined;
  }

  private placesOf(file: string, from: ParsedModule): string[] {
    if (path.isAbsolute(file)) return [path.normalize(file)];
    const folders = this.rootsFor(from);
    if (from.file !== null) folders.push(...foldersBetween(from.file, this.files.roots));
    return [...new Set(folders.map((folder) => path.join(folder, file)))];
  }

  /** The workspace's folders, the one that holds the file first. */
  private rootsFor(from: ParsedModule): string[] {
    const holds = (root: string): boolean => from.file?.startsWith(root + path.sep) ?? false;
    return [...this.files.roots].sort((a, b) => Number(holds(b)) - Number(holds(a)));
  }

  /** Reads a file of the workspace, or beside the code; code that names other files of the machine gets none. */
  private read(file: string, from: ParsedModule): string | undefined {
    const folders = [...this.files.roots, ...(from.file === null ? [] : [path.dirname(from.file)])];
    if (!folders.some((folder) => file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)))
      return undefined;
    this.used.add(file);
    return this.files.read(file);
  }

  private load(file: string, from: ParsedModule): Imported | undefined {
    const content = this.read(file, from);
    if (content === undefined) return undefined;
    if (/\.json$/i.test(file)) return dataOf(content);
    const language = languageOfFile(file);
    if (language === undefined) return { kind: "data", value: text(content, "constant") };
    const loaded = this.loaded.get(language.grammar);
    if (loaded === undefined) {
      this.wanted.add(language);
      return undefined;
    }
    let entry = this.parsed.get(file);
    if (entry?.text !== content) {
      const parser = entry?.parser ?? new ModuleParser(loaded, file);
      entry = { text: content, parser, module: parser.parse(content) };
      this.parsed.set(file, entry);
    }
    return { kind: "module", module: entry.module };
  }
}

function dataOf(content: string): Imported | undefined {
  try {
    return { kind: "data", value: fromJson(JSON.parse(content) as Json) };
  } catch {
    return undefined;
  }
}

function fromJson(json: Json): Value {
  if (typeof json === "string") return text(json, "constant");
  if (typeof json !== "object" || json === null) return plain(json, "constant");
  if (Array.isArray(json)) return { kind: "list", source: "constant", items: json.map(fromJson) };
  const entries = Object.entries(json).flatMap(([key, value]) =>
    value === undefined ? [] : ([[key, fromJson(value)]] as const),
  );
  return { kind: "record", source: "constant", entries: new Map(entries), rest: [] };
}
