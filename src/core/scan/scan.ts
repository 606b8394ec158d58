import { statSync } from "node:fs";
import path from "node:path";
import { DiskFiles } from "../calls/files";
import type { Within } from "../files/readFile";
import { languageOfFile } from "../languages/registry";
import { readNotebook } from "../calls/notebook";
import type { Assets } from "../assets";
import { AnalysedText, Analyser } from "../estimate/analyser";
import type { EstimatedCall } from "../estimate/analysis";
import type { PriceBook } from "../pricing/price";
import { LineStarts } from "./lineStarts";
import { type SkipReason, readSource } from "./readSource";
import { walk } from "./walk";

/** A call of a repository. */
export interface ScannedCall extends Omit<EstimatedCall, "id" | "start" | "end" | "tracking"> {
  /** Absolute path. */
  file: string;
  /** The cell among all of a notebook's cells, from 0; null in other files. */
  cell: number | null;
  line: number;
  column: number;
  language: string;
}

export interface ScanResult {
  calls: ScannedCall[];
  files: { scanned: number; skipped: Partial<Record<SkipReason, number>> };
  /** Files that hold calls perhaps, and could not be read as what they are. */
  problems: { file: string; message: string }[];
}

/** Estimates every call in files and folders. */
export class Scanner {
  private readonly analyser: Analyser;
  private readonly files: DiskFiles;
  private readonly result: ScanResult = { calls: [], files: { scanned: 0, skipped: {} }, problems: [] };

  constructor(
    assets: Assets,
    private readonly book: PriceBook,
    roots: readonly string[],
  ) {
    this.files = new DiskFiles(roots);
    this.analyser = new Analyser(assets.grammars, assets.encodings, this.files);
  }

  /** @param everything also what `.gitignore` leaves out. */
  async scan(paths: readonly string[], everything: boolean): Promise<ScanResult> {
    const seen = new Set<string>();
    for (const given of paths) {
      const absolute = path.resolve(given);
      const isFolder = statSync(absolute).isDirectory();
      const files = isFolder ? walk(absolute, everything) : [absolute];
      for (const file of files) {
        if (seen.has(file)) continue;
        seen.add(file);
        await this.scanFile(file, isFolder ? [absolute] : "anywhere");
      }
    }
    return this.result;
  }

  private async scanFile(file: string, within: Within): Promise<void> {
    const source = readSource(file, within);
    if (source.kind === "skipped") {
      const { skipped } = this.result.files;
      skipped[source.reason] = (skipped[source.reason] ?? 0) + 1;
      return;
    }
    this.result.files.scanned++;
    if (source.kind === "no calls") return;
    try {
      await (file.toLowerCase().endsWith(".ipynb")
        ? this.scanNotebook(file, source.text)
        : this.scanCode(file, source.text));
    } catch (error) {
      this.result.problems.push({
        file,
        message:
          error instanceof SyntaxError
            ? "is not JSON, as a notebook must be"
            : error instanceof Error && error.name === "ZodError"
              ? "is not a Jupyter notebook"
              : error instanceof Error
                ? error.message
                : String(error),
      });
    }
  }

  private async scanCode(file: string, text: string): Promise<void> {
    const language = languageOfFile(file);
    if (language === undefined) return;
    const analysed = new AnalysedText(this.analyser, language, file);
    const { calls } = await analysed.analyse(text, this.book);
    analysed.dispose();
    if (calls.length === 0) return;
    const lines = new LineStarts(text);
    for (const { api, start, estimate } of calls)
      this.result.calls.push({ api, estimate, file, cell: null, ...lines.at(start), language: language.id });
  }

  private async scanNotebook(file: string, text: string): Promise<void> {
    const notebook = readNotebook(text);
    if (notebook === undefined) return;
    const analysed = new AnalysedText(this.analyser, notebook.language, file);
    const { calls } = await analysed.analyse(notebook.cells, this.book);
    analysed.dispose();
    for (const { api, start, estimate } of calls) {
      const cell = notebook.cells.findLast((one) => one.start <= start);
      if (cell === undefined) continue;
      const place = new LineStarts(cell.text).at(start - cell.start);
      this.result.calls.push({ api, estimate, file, cell: cell.index, ...place, language: notebook.language.id });
    }
  }
}
