import { Edit, type Node, type Point, type Query, type Tree } from "web-tree-sitter";
import { type Edit as TextEdit, editBetween } from "../edit";
import { type Stretch, cutIntoParts } from "./parts";
import type { LanguagePack, LanguageRules } from "../languages/pack";
import { type LoadedLanguage, MAX_PARSE_TIME } from "./syntax";

/** A stretch of a file that was parsed by itself: the whole of it, a notebook's cell, or a part of broken code. */
export interface Section {
  root: Node;
  /** Offset of the section in its file (UTF-16 units). */
  start: number;
}

/** A text that was parsed, section by section. */
export interface ParsedModule {
  /** The file's path, for imports and prompt files; null where the text is on no file system that can be read. */
  file: string | null;
  pack: LanguagePack;
  /** Finds the methods in its code. */
  query: Query;
  /** Together the module's code, in order. */
  sections: readonly Section[];
  /** Pieces of sections with errors, parsed once more by themselves: only to find calls in. */
  salvaged: readonly Section[];
}

/** A place in a module: evaluating needs to know where a node stands. */
export interface Place {
  module: ParsedModule;
  section: Section;
  /** The rules of the module's language. */
  rules: LanguageRules;
}

export const placeIn = (module: ParsedModule, section: Section): Place => ({
  module,
  section,
  rules: module.pack.rules,
});

/** The offset of a node in its file. */
export const startOf = (node: Node, place: Place): number => place.section.start + node.startIndex;
export const endOf = (node: Node, place: Place): number => place.section.start + node.endIndex;

/**
 * Keeps one text parsed while it is edited. An edit parses what changed; a text with errors is parsed in
 * parts besides, so that code which is being typed does not swallow the calls around it.
 */
export class ModuleParser {
  private whole: { text: string; tree: Tree } | undefined;
  private parts = new Map<string, Tree>();
  private deadline = 0;

  constructor(
    private readonly language: LoadedLanguage,
    private readonly file: string | null,
  ) {}

  /**
   * Parses a text, or the cells of a notebook.
   * @param maxTime for all of its parts together, in milliseconds.
   * @param edit what made the text of the one that was parsed before; found by comparing them where it isn't given.
   * @throws TooSlow where that is not enough.
   */
  parse(source: string | readonly Stretch[], maxTime = MAX_PARSE_TIME, edit?: TextEdit): ParsedModule {
    this.deadline = performance.now() + maxTime;
    const used = new Map<string, Tree>();
    const sections =
      typeof source === "string"
        ? this.parseWhole(source, used, edit)
        : source.map((cell) => this.parsePart(cell, used));
    const salvaged = sections.flatMap((section) =>
      section.root.hasError
        ? cutIntoParts(section.root.text, section.start, this.language.pack.rules.innerPartStart).map((part) =>
            this.parsePart(part, used),
          )
        : [],
    );
    for (const [text, tree] of this.parts) if (!used.has(text)) tree.delete();
    this.parts = used;
    return {
      file: this.file,
      pack: this.language.pack,
      query: this.language.query,
      sections,
      salvaged: salvaged.filter(({ root }) => !root.hasError),
    };
  }

  dispose(): void {
    this.whole?.tree.delete();
    for (const tree of this.parts.values()) tree.delete();
    this.parts.clear();
    this.whole = undefined;
  }

  private parseWhole(text: string, used: Map<string, Tree>, edit: TextEdit | undefined): Section[] {
    const before = this.whole;
    if (before !== undefined && before.text !== text) before.tree.edit(treeEdit(before.text, text, edit));
    const tree = before?.text === text ? before.tree : this.language.parse(text, before?.tree, this.deadline);
    if (before !== undefined && before.tree !== tree) before.tree.delete();
    this.whole = { text, tree };
    if (!tree.rootNode.hasError) return [{ root: tree.rootNode, start: 0 }];
    const parts = cutIntoParts(text, 0, this.language.pack.rules.partStart).map((part) => this.parsePart(part, used));
    if (parts.some(({ root }) => !root.hasError)) return parts;
    // Where every part has errors too, cutting was no help: the whole tree is the better guess. How a parser gets over
    // errors depends on the tree that it began with, so this one is parsed without: the same text reads the same.
    return [this.parsePart({ text, start: 0 }, used)];
  }

  private parsePart({ text, start }: Stretch, used: Map<string, Tree>): Section {
    let tree = used.get(text) ?? this.parts.get(text);
    tree ??= this.language.parse(text, undefined, this.deadline);
    used.set(text, tree);
    return { root: tree.rootNode, start };
  }
}

function treeEdit(before: string, after: string, edit = editBetween(before, after)) {
  const { start, oldEnd, newEnd } = edit;
  return new Edit({
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition: pointAt(before, start),
    oldEndPosition: pointAt(before, oldEnd),
    newEndPosition: pointAt(after, newEnd),
  });
}

function pointAt(text: string, index: number): Point {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: index - lineStart };
}
