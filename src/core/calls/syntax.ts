import { Language as Grammar, type Node, Parser, Query, type Tree } from "web-tree-sitter";
import type { LanguagePack } from "../languages/pack";

/** Where the WASM files of tree-sitter and its grammars lie. */
export interface GrammarFiles {
  runtime: string;
  grammar(name: string): string;
}

/** How long parsing one text may take, in milliseconds; a person's code of a megabyte takes a tenth of it. */
export const MAX_PARSE_TIME = 2_000;

/** A text was given up: no person's code takes so long. */
export class TooSlow extends Error {
  constructor(what: string, milliseconds: number) {
    super(`${what} takes longer than ${milliseconds / 1_000} seconds`);
  }
}

/** A language whose grammar is loaded. */
export interface LoadedLanguage {
  pack: LanguagePack;
  /**
   * Parses a text; with the tree before an edit, only what changed.
   * @param before the tree before the edit.
   * @param deadline when to give up, in milliseconds of `performance.now()`.
   * @throws TooSlow where it isn't parsed by then.
   */
  parse(text: string, before: Tree | undefined, deadline: number): Tree;
  query: Query;
}

/** Loads grammars when a file first needs them. */
export class Grammars {
  private started: Promise<void> | undefined;
  private readonly loaded = new Map<string, Promise<LoadedLanguage>>();

  constructor(private readonly files: GrammarFiles) {}

  load(pack: LanguagePack): Promise<LoadedLanguage> {
    let loading = this.loaded.get(pack.grammar);
    if (loading === undefined) {
      loading = this.start(pack);
      this.loaded.set(pack.grammar, loading);
    }
    return loading;
  }

  private async start(pack: LanguagePack): Promise<LoadedLanguage> {
    this.started ??= Parser.init({ locateFile: () => this.files.runtime });
    await this.started;
    const grammar = await Grammar.load(this.files.grammar(pack.grammar));
    const parser = new Parser();
    parser.setLanguage(grammar);
    const parse: LoadedLanguage["parse"] = (text, before, deadline) => {
      const tree = parser.parse(text, before, { progressCallback: () => performance.now() > deadline });
      if (tree !== null) return tree;
      parser.reset(); // Or the next text would be parsed from where this one was left.
      throw new TooSlow("parsing it", MAX_PARSE_TIME);
    };
    return { pack, parse, query: new Query(grammar, pack.query) };
  }
}

/** A statement of a module or a function. */
export interface Statement {
  node: Node;
  text: string;
}

const read = new WeakMap<Node, readonly Statement[]>();

/**
 * A node's children with their texts. They are read from the tree once: name after name is looked for in them, and each
 * text costs a way into the parser's memory.
 */
export function statementsOf(root: Node): readonly Statement[] {
  let statements = read.get(root);
  if (statements === undefined)
    read.set(root, (statements = children(root).map((node) => ({ node, text: node.text }))));
  return statements;
}

/** A node's named children; missing ones (the grammar's guess at what a person will type) left out. */
export function children(node: Node): Node[] {
  return node.namedChildren.filter(
    (child): child is Node => child !== null && !child.isMissing && child.type !== "comment",
  );
}

export function field(node: Node, name: string): Node | null {
  const child = node.childForFieldName(name);
  return child === null || child.isMissing ? null : child;
}

/** Up to here, asking each node for its parent is the fastest way; every answer is searched for from the root down. */
const MAX_CLIMB = 16;

/** The nodes around a node, the nearest first. In deeply nested code the way down is gone once, and not once a level. */
export function* ancestors(node: Node): Generator<Node> {
  let at = node;
  for (let climbed = 0; climbed < MAX_CLIMB; climbed++) {
    const { parent } = at;
    if (parent === null) return;
    yield parent;
    at = parent;
  }
  const way: Node[] = [];
  for (let above: Node | null = at.tree.rootNode; above !== null && above.id !== at.id;) {
    way.push(above);
    above = above.childWithDescendant(at);
  }
  yield* way.reverse();
}
