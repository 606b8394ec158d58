import path from "node:path";
import type { Assets } from "../core/assets";
import { DiskFiles, LONGEST_CODE } from "../core/calls/files";
import type { LanguagePack } from "../core/languages/pack";
import { languageOfIdentifier } from "../core/languages/registry";
import type { Edit } from "../core/edit";
import { counted } from "../core/figures";
import { fingerprintOf } from "../core/fingerprint";
import { type AnyFinding, type Report, findIn } from "../core/findings/finding";
import { findings as allFindings } from "../core/findings/registry";
import { AnalysedText, Analyser } from "../core/estimate/analyser";
import type { EstimatedCall } from "../core/estimate/analysis";
import { readTextFile } from "../core/files/readFile";
import { PriceBook } from "../core/pricing/price";
import { type PricingTable, parsePricingTable } from "../core/pricing/table";
import { PRICING_FILE } from "../core/pricing/tableFile";
import { mayHaveCalls } from "../core/calls/words";
import { applyChanges, editAfter } from "../core/textEdit";
import type { FromWorker, ToWorker } from "./protocol";
import type { Pulse } from "./rpc/pulse";
import type { Turns } from "./rpc/turns";
import type { Subject } from "./rpc/wire";

/** Grammars may take so long to load on a slow machine (ms). */
const LOADING = 60_000;

type DocumentMessage = Extract<ToWorker, { kind: "document" }>;

interface OpenDocument {
  message: DocumentMessage;
  /** What made its text of the one that was analysed last; undefined where only comparing them tells. */
  edit: Edit | undefined;
  analysed: AnalysedText | undefined;
  /** The version whose text was analysed last; null where none was. */
  analysedVersion: number | null;
  dependencies: ReadonlySet<string>;
}

/**
 * What the worker does: keeps open documents analysed. Documents wait in line, each with its newest text only,
 * so that fast typing costs one analysis and not one a key.
 */
export class Session {
  readonly files = new DiskFiles([]);
  private readonly analyser: Analyser;
  private readonly documents = new Map<string, OpenDocument>();
  private readonly books = new Map<string, PriceBook>();
  /** Folders whose pricing table has mistakes, and was never read before. */
  private readonly broken = new Set<string>();
  private plainBook: PriceBook | undefined;
  private readonly waiting = new Set<string>();
  private isWorking = false;

  constructor(
    private readonly assets: Assets,
    private readonly send: (message: FromWorker) => void,
    private readonly turns: Turns,
    private readonly pulse: Pulse,
    private readonly findings: readonly AnyFinding[] = allFindings,
  ) {
    this.analyser = new Analyser(assets.grammars, assets.encodings, this.files);
  }

  /** The pricing table of a workspace folder; "broken" where it has mistakes and no good one is known. */
  tableOf(root: string): PricingTable | null | "broken" {
    return this.broken.has(root) ? "broken" : (this.books.get(root)?.table ?? null);
  }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case "roots":
        this.files.roots = message.roots;
        // Read here too, so that no hint is ever shown at another price first.
        for (const root of message.roots) if (!this.books.has(root)) this.readPricing(root);
        for (const { analysed } of this.documents.values()) analysed?.forgetOtherFiles();
        this.queue([...this.documents.keys()]);
        return;
      case "document":
        this.takeDocument(message);
        return;
      case "edited":
        this.takeEdits(message);
        return;
      case "closed":
        this.closeDocument(message.uri);
        return;
      case "changed":
        for (const file of message.files) this.files.forget(file);
        this.queueDependents(message.files);
        return;
      case "pricing":
        this.takePricing(message.root, message.uri, message.text);
        this.queue([...this.documents.keys()]);
        return;
    }
  }

  private takeDocument(message: DocumentMessage): void {
    const known = this.documents.get(message.uri);
    if (known === undefined || known.message.languageId !== message.languageId) {
      known?.analysed?.dispose();
      this.documents.set(message.uri, {
        message,
        edit: undefined,
        analysed: undefined,
        analysedVersion: null,
        dependencies: new Set(),
      });
    } else {
      known.message = message;
      known.edit = undefined;
    }
    this.textChanged(message);
  }

  /** Changes of a text that isn't here, or in which they can't have been made, ask for all of it. */
  private takeEdits({ uri, before, version, changes, length }: Extract<ToWorker, { kind: "edited" }>): void {
    const known = this.documents.get(uri);
    const { text } = known?.message ?? { text: null };
    const changed = text === null || known?.message.version !== before ? null : applyChanges(text, changes);
    if (known === undefined || changed?.text.length !== length) return this.send({ kind: "lacking", uri });
    const isOfAnalysed = known.analysedVersion === before;
    known.edit = isOfAnalysed
      ? changed.edit
      : known.edit === undefined
        ? undefined
        : editAfter(known.edit, changed.edit);
    known.message = { ...known.message, version, text: changed.text };
    this.textChanged(known.message);
  }

  private textChanged(message: DocumentMessage): void {
    if (message.file !== null) {
      this.files.setOpen(message.file, message.text ?? undefined);
      this.queueDependents([message.file]);
    }
    this.queue([message.uri]);
  }

  private closeDocument(uri: string): void {
    const document = this.documents.get(uri);
    if (document === undefined) return;
    document.analysed?.dispose();
    this.documents.delete(uri);
    this.waiting.delete(uri);
    const { file } = document.message;
    if (file === null) return;
    this.files.setOpen(file, undefined);
    this.queueDependents([file]);
  }

  private queueDependents(changed: readonly string[]): void {
    const isTouched = (dependency: string): boolean =>
      changed.some((file) => dependency === file || dependency.startsWith(file + path.sep));
    for (const [uri, { dependencies, analysed }] of this.documents) {
      if (![...dependencies].some(isTouched)) continue;
      analysed?.forgetOtherFiles();
      this.queue([uri]);
    }
  }

  private queue(uris: readonly string[]): void {
    for (const uri of uris) this.waiting.add(uri);
    if (!this.isWorking) void this.work();
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    const done = this.pulse.begin();
    // Messages that came together are all taken before the first of them is worked on.
    await new Promise((resolve) => setImmediate(resolve));
    for (const uri of this.waiting) {
      this.waiting.delete(uri);
      // Its newest version, as it is when the turn comes.
      const subject = (): Subject => {
        const { version, text } = this.documents.get(uri)?.message ?? { version: 0, text: null };
        return { uri, version, fingerprint: fingerprintOf(text ?? "") };
      };
      await this.turns.take(subject, async () => {
        const document = this.documents.get(uri);
        if (document !== undefined) await this.analyse(document);
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.isWorking = false;
    done();
  }

  private async analyse(document: OpenDocument): Promise<void> {
    const { uri, version, text, languageId, file } = document.message;
    const started = performance.now();
    const answer = (calls: readonly EstimatedCall[], reason: string | null): void => {
      const findings = calls.flatMap((call) => findIn("call", { call, text: text ?? "" }, this.findings));
      const milliseconds = performance.now() - started;
      this.send({ kind: "estimates", uri, version, calls: [...calls], findings, reason, milliseconds });
    };
    const language = languageOfIdentifier(languageId);
    if (language === undefined) return;
    if (text === null || text.length > LONGEST_CODE) {
      answer([], `it has more than ${LONGEST_CODE / 1_000_000} million characters`);
      return;
    }
    if (!mayHaveCalls(text, language) && document.analysed === undefined) {
      answer([], null);
      return;
    }
    try {
      await this.load(language);
      document.analysed ??= new AnalysedText(this.analyser, language, file);
      const { edit } = document;
      document.edit = undefined;
      document.analysedVersion = version;
      const { calls, dependencies } = await document.analysed.analyse(text, this.bookFor(file), edit);
      document.dependencies = dependencies;
      answer(calls, null);
    } catch (error) {
      // One text that can't be analysed must not cost the others their hints.
      document.analysed?.dispose();
      document.analysed = undefined;
      document.analysedVersion = null;
      answer([], `it could not be analyzed (${error instanceof Error ? error.message : String(error)})`);
    }
  }

  private async load(language: LanguagePack): Promise<void> {
    const done = this.pulse.allow(LOADING);
    await this.analyser.load(language).finally(done);
  }

  private bookFor(file: string | null): PriceBook {
    const roots = [...new Set([...this.files.roots, ...this.books.keys()])].sort((a, b) => b.length - a.length);
    const holding = roots.find((root) => file?.startsWith(root + path.sep));
    // A document that lies in no folder takes the prices of the only one there is.
    const root = holding ?? (roots.length === 1 ? roots[0] : undefined);
    this.plainBook ??= new PriceBook(null, this.assets.catalogue);
    return (root === undefined ? undefined : this.books.get(root)) ?? this.plainBook;
  }

  private readPricing(root: string): void {
    const content = readTextFile(path.join(root, PRICING_FILE), [root]);
    const { table } = "text" in content ? parsePricingTable(content.text) : { table: null };
    if (table !== null) this.books.set(root, new PriceBook(table, this.assets.catalogue));
    else if ("text" in content) this.broken.add(root);
  }

  private takePricing(root: string, uri: string, text: string | null): void {
    const report = (findings: Report[], note: string): void => this.send({ kind: "pricing", uri, findings, note });
    this.broken.delete(root);
    if (text === null) {
      this.books.delete(root);
      return report([], "no pricing table; built-in prices are used");
    }
    const result = parsePricingTable(text);
    const hasLastValid = this.books.has(root);
    const found = findIn("pricingTable", { text, result, hasLastValid, today: new Date() }, this.findings);
    if (result.table === null) {
      if (!hasLastValid) this.broken.add(root);
      return report(
        found,
        hasLastValid ? "has a mistake; the last valid table is used" : "has a mistake; built-in prices are used",
      );
    }
    this.books.set(root, new PriceBook(result.table, this.assets.catalogue));
    report(found, `${counted(Object.keys(result.table.models).length, "model")} priced`);
  }
}
