import path from "node:path";
import type { Json } from "../json";
import type { Budget } from "./budget";
import { type Files, LONGEST_CODE } from "./files";
import { isBelow } from "../files/readFile";
import { foldersBetween } from "./folders";
import { languageOfFile } from "../languages/registry";
import type { LanguagePack } from "../languages/pack";
import { ModuleParser, type ParsedModule } from "./module";
import { type LoadedLanguage, TooSlow } from "./syntax";
import { type Value, plain, text } from "./value";

/** Longer names of modules are no person's. Characters. */
const MAX_SPECIFIER = 1_000;

/** Each import looks for some dozens of files. */
const STEPS_PER_IMPORT = 10;

/** What an import leads to: code, or a file of data. */
export type Imported = { kind: "module"; module: ParsedModule } | { kind: "data"; value: Value };

/** Other files of the workspace, as far as calls need them, and which ones they needed. */
export class Modules {
  private readonly parsed = new Map<string, { text: string; parser: ModuleParser; module: ParsedModule | undefined }>();
  private readonly data = new Map<string, { text: string; value: Imported | undefined }>();
  private used = new Set<string>();
  private wanted = new Set<LanguagePack>();

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
  get wantedLanguages(): ReadonlySet<LanguagePack> {
    return this.wanted;
  }

  /** What an import leads to; undefined where that is no file of the workspace, or the budget is used up. */
  resolve(specifier: string, from: ParsedModule, budget: Budget): Imported | undefined {
    if (from.file === null || specifier.length > MAX_SPECIFIER || !budget.step(STEPS_PER_IMPORT)) return undefined;
    const read = (file: string): string | undefined => this.read(file, from);
    for (const candidate of from.pack.importCandidates(specifier, from.file, this.rootsFor(from), read)) {
      const found = this.load(candidate, from, budget);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A prompt file's text; relative paths are tried from the workspace's root, then from the code's folder up. */
  readText(file: string, from: ParsedModule, budget: Budget): Value | undefined {
    for (const candidate of this.placesOf(file, from)) {
      const content = this.read(candidate, from);
      if (content === undefined) continue;
      if (!budget.make(content.length)) return undefined;
      return text(from.pack.readsPlainLineEnds ? content.replaceAll("\r\n", "\n") : content, "constant");
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
    const { roots } = this.files;
    const isOutside = from.file !== null && !roots.some((root) => isBelow(from.file ?? "", root));
    const folders = isOutside ? [...roots, path.dirname(from.file ?? "")] : roots;
    if (!folders.some((folder) => isBelow(file, folder))) return undefined;
    this.used.add(file);
    return this.files.read(file, folders);
  }

  private load(file: string, from: ParsedModule, budget: Budget): Imported | undefined {
    const content = this.read(file, from);
    if (content === undefined) return undefined;
    if (/\.json$/i.test(file)) return this.loadData(file, content, budget);
    const language = languageOfFile(file);
    if (language === undefined)
      return budget.make(content.length) ? { kind: "data", value: text(content, "constant") } : undefined;
    if (content.length > LONGEST_CODE) return undefined;
    const loaded = this.loaded.get(language.grammar);
    if (loaded === undefined) {
      this.wanted.add(language);
      return undefined;
    }
    let entry = this.parsed.get(file);
    if (entry?.text !== content) {
      if (!budget.scan(content.length)) return undefined;
      const parser = entry?.parser ?? new ModuleParser(loaded, file);
      entry = { text: content, parser, module: parsedInTime(parser, content) };
      this.parsed.set(file, entry);
    }
    return entry.module === undefined ? undefined : { kind: "module", module: entry.module };
  }

  private loadData(file: string, content: string, budget: Budget): Imported | undefined {
    let entry = this.data.get(file);
    if (entry?.text !== content) {
      if (!budget.scan(content.length)) return undefined;
      entry = { text: content, value: dataOf(content) };
      this.data.set(file, entry);
    }
    return entry.value;
  }
}

/** A module that takes too long to parse is like one that isn't there. */
function parsedInTime(parser: ModuleParser, content: string): ParsedModule | undefined {
  try {
    return parser.parse(content);
  } catch (error) {
    if (error instanceof TooSlow) return undefined;
    throw error;
  }
}

function dataOf(content: string): Imported | undefined {
  try {
    return { kind: "data", value: fromJson(JSON.parse(content) as Json) };
  } catch {
    return undefined;
  }
}

/** Deeper data is no prompt. */
const MAX_DATA_DEPTH = 100;

function fromJson(json: Json, depth = 0): Value {
  if (depth > MAX_DATA_DEPTH) throw new RangeError(`JSON nested deeper than ${MAX_DATA_DEPTH} levels`);
  if (typeof json === "string") return text(json, "constant");
  if (typeof json !== "object" || json === null) return plain(json, "constant");
  if (Array.isArray(json))
    return { kind: "list", source: "constant", items: json.map((item) => fromJson(item, depth + 1)) };
  const entries = Object.entries(json).flatMap(([key, value]) =>
    value === undefined ? [] : ([[key, fromJson(value, depth + 1)]] as const),
  );
  return { kind: "record", source: "constant", entries: new Map(entries), rest: [] };
}
