import { callIds } from "../calls/callId";
import { Evaluator } from "../calls/evaluate";
import type { Files } from "../calls/files";
import { FollowedStatements } from "../calls/followed";
import { findCalls } from "../calls/finder";
import type { LanguagePack } from "../languages/pack";
import { ModuleParser, type ParsedModule, endOf, startOf } from "../calls/module";
import { Modules } from "../calls/modules";
import type { Stretch } from "../calls/parts";
import { readRequest } from "../calls/request";
import { type Grammars, type LoadedLanguage, MAX_PARSE_TIME } from "../calls/syntax";
import { trackingOf } from "../calls/tracking";
import type { Edit } from "../edit";
import type { PriceBook } from "../pricing/price";
import type { Encodings } from "../tokens/encoding";
import { narrowed } from "../textEdit";
import { TextCounts } from "../tokens/textCounts";
import type { Analysis } from "./analysis";
import { estimateRequest } from "./estimate";
import { EstimateMemo } from "./estimateMemo";
import { type Round, steadyCalls } from "./steady";

/** One text that is analysed again and again while it is edited. */
export class AnalysedText {
  private parser: ModuleParser | undefined;
  private readonly texts = new TextCounts();
  private readonly memo = new EstimateMemo();
  private before: Round | undefined;
  private module: { source: string | readonly Stretch[]; parsed: ParsedModule } | undefined;

  constructor(
    private readonly analyser: Analyser,
    private readonly language: LanguagePack,
    private readonly file: string | null,
  ) {}

  /**
   * Finds, reads, counts and prices the calls of the text, or of a notebook's cells.
   * @param edit what made the text of the one that was analysed before, where that is known.
   */
  async analyse(source: string | readonly Stretch[], book: PriceBook, edit?: Edit): Promise<Analysis> {
    const loaded = await this.analyser.load(this.language);
    this.parser ??= new ModuleParser(loaded, this.file);
    const before = this.module?.source;
    const isText = typeof before === "string" && typeof source === "string";
    const fitting = edit !== undefined && isText ? narrowed(edit, before, source) : undefined;
    const parsed =
      this.module !== undefined && before === source
        ? this.module.parsed
        : this.parser.parse(source, MAX_PARSE_TIME, fitting);
    this.module = { source, parsed };
    for (;;) {
      const analysis = this.analyser.estimate(parsed, book, this.texts, this.memo);
      const missing = [...this.analyser.modules.wantedLanguages];
      if (missing.length === 0) return this.steadied(source, analysis, fitting);
      this.memo.clear();
      await Promise.all(missing.map((language) => this.analyser.load(language)));
    }
  }

  private steadied(source: string | readonly Stretch[], analysis: Analysis, edit: Edit | undefined): Analysis {
    if (typeof source !== "string") return analysis;
    const calls = steadyCalls(this.before, source, analysis, edit);
    this.before = { text: source, calls };
    return { ...analysis, calls };
  }

  /** Another file, which this text's calls may read, has changed. */
  forgetOtherFiles(): void {
    this.memo.clear();
  }

  dispose(): void {
    this.parser?.dispose();
  }
}

/** Puts finding, reading, counting and pricing together, for as many texts as there are. */
export class Analyser {
  private readonly loaded = new Map<string, LoadedLanguage>();
  readonly modules: Modules;
  private readonly followed = new FollowedStatements();

  constructor(
    private readonly grammars: Grammars,
    private readonly encodings: Encodings,
    files: Files,
  ) {
    this.modules = new Modules(files, this.loaded);
  }

  async load(language: LanguagePack): Promise<LoadedLanguage> {
    const loaded = await this.grammars.load(language);
    this.loaded.set(language.grammar, loaded);
    return loaded;
  }

  estimate(module: ParsedModule, book: PriceBook, texts: TextCounts, memo: EstimateMemo): Analysis {
    texts.begin();
    // Fresh for each state of the text: what it remembers is bound to this state's nodes.
    const evaluator = new Evaluator(this.modules, this.followed);
    memo.begin(module, evaluator.variables, book);
    this.modules.begin();
    const found = findCalls(module, evaluator);
    const dependencies = new Set(this.modules.dependencies);
    const ids = callIds(found);
    const calls = found.map((call, index) => {
      const id = ids[index] ?? "";
      const estimated = memo.get(id, call, () => {
        evaluator.begin();
        this.modules.follow();
        const estimate = estimateRequest(call.api, readRequest(call, evaluator), book, this.encodings, texts);
        return { estimate, dependencies: this.modules.dependencies };
      });
      for (const file of estimated.dependencies) dependencies.add(file);
      evaluator.begin();
      return {
        id,
        api: call.name,
        start: startOf(call.node, call.place),
        end: endOf(call.node, call.place),
        estimate: estimated.estimate,
        tracking: trackingOf(call, evaluator),
      };
    });
    return { calls, dependencies, hasErrors: module.sections.some(({ root }) => root.hasError) };
  }
}
