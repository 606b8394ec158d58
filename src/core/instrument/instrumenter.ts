import { accessSync, constants, existsSync, statSync } from "node:fs";
import path from "node:path";
import type { Assets } from "../assets";
import type { Files } from "../calls/files";
import { languageOfFile } from "../languages/registry";
import { ModuleParser, type ParsedModule } from "../calls/module";
import { Modules } from "../calls/modules";
import type { LoadedLanguage } from "../calls/syntax";
import {
  type Attribution,
  type TrackableCall,
  instrument,
  refusalOfNames,
  removeTracking,
  trackableCalls,
} from "./edit";
import { type TextEdit, applyEdits } from "../textEdit";
import { foreignFile } from "./wrapperFiles";
import { refusalToWrite } from "./writable";
import { type WrapperPlace, wrapperPlace } from "./wrapperPlace";

/** A file's calls, its tree still at hand. */
export interface OpenedFile {
  file: string;
  text: string;
  calls: TrackableCall[];
  hasErrors: boolean;
  /** Why neither the file nor its wrapper may be written at all, such as a link on the way there; null where they may. */
  unsafe: string | null;
  /** The edits that track calls. @param calls those to track, each with its attribution. */
  track: (calls: readonly { call: TrackableCall; attribution: Attribution }[]) => TextEdit[];
  /** Why a call can't be tracked under these names; null where it can. */
  refusalOfNames: (call: TrackableCall, attribution: Attribution) => string | null;
  /** The edits that take the tracking away. */
  untrack: (calls: readonly TrackableCall[]) => TextEdit[];
  place: WrapperPlace;
  close: () => void;
}

/** Opens files for instrumenting. */
export class Instrumenter {
  private readonly loaded = new Map<string, LoadedLanguage>();
  private readonly modules: Modules;

  /** @param files other files of the workspace, which calls may be followed into. */
  constructor(
    private readonly assets: Assets,
    files: Files,
  ) {
    this.modules = new Modules(files, this.loaded);
  }

  /** @param root the workspace's folder. Null where the file is of no language that is known. */
  async open(file: string, text: string, root: string): Promise<OpenedFile | null> {
    const language = languageOfFile(file);
    if (language === undefined) return null;
    const loaded = this.loaded.get(language.grammar) ?? (await this.assets.grammars.load(language));
    this.loaded.set(language.grammar, loaded);
    const parser = new ModuleParser(loaded, file);
    const module = parser.parse(text);
    const place = wrapperPlace(file, text, root);
    const unsafe =
      [file, place.wrapper, place.prices].map((one) => refusalToWrite(one, root)).find((one) => one !== null) ?? null;
    const refusal = unsafe ?? refusalOfFile(file);
    const calls = (await this.callsOf(module)).map((call) => ({
      ...call,
      refusal: call.refusal ?? refusal ?? (call.isTracked ? null : foreignFile(place, root)),
    }));
    return {
      file,
      text,
      calls,
      hasErrors: module.sections.some(({ root: tree }) => tree.hasError),
      unsafe,
      track: (chosen) => checked(new ModuleParser(loaded, file), text, instrument(module, text, chosen, place.tracker)),
      refusalOfNames: (call, attribution) => refusalOfNames(call, attribution, text, place.tracker.style),
      untrack: (chosen) => removeTracking(module, text, chosen, place.tracker.style),
      place,
      close: () => parser.dispose(),
    };
  }

  /** Files that it imports may be of languages whose grammars come first. */
  private async callsOf(module: ParsedModule): Promise<TrackableCall[]> {
    const calls = trackableCalls(module, this.modules);
    const wanted = [...this.modules.wantedLanguages];
    if (wanted.length === 0) return calls;
    for (const language of wanted) this.loaded.set(language.grammar, await this.assets.grammars.load(language));
    return trackableCalls(module, this.modules);
  }
}

/** Edits after which a text that had no syntax errors still has none. @throws where it would have. */
function checked(parser: ModuleParser, text: string, edits: TextEdit[]): TextEdit[] {
  try {
    if (edits.length > 0 && parser.parse(applyEdits(text, edits)).sections.some(({ root }) => root.hasError))
      throw new Error("the file would have syntax errors afterwards. Nothing was written.");
    return edits;
  } finally {
    parser.dispose();
  }
}

/** Why nothing can be written into a file, or (where there is none yet) beside it. */
function refusalOfFile(file: string): string | null {
  const target = existsSync(file) ? file : path.dirname(file);
  // Root may write whatever it likes; the file's own bits say what its owner wants.
  if (existsSync(target) && (statSync(target).mode & 0o222) === 0) return READ_ONLY;
  try {
    if (existsSync(target)) accessSync(target, constants.W_OK);
    return null;
  } catch {
    return READ_ONLY;
  }
}

const READ_ONLY = "its file is read-only";
