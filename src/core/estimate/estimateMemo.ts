import type { CallId } from "../calls/callId";
import type { FoundCall } from "../calls/finder";
import type { ParsedModule } from "../calls/module";
import { ancestors } from "../calls/syntax";
import type { Variables } from "../calls/variables";
import type { PriceBook } from "../pricing/price";
import type { CostEstimate } from "./estimate";
import { Interned, type Reads, Signatures, noteReads } from "./reads";

interface Estimated {
  estimate: CostEstimate;
  /** Other files that were read. */
  dependencies: ReadonlySet<string>;
}

interface Remembered extends Estimated {
  /** The function around the call, and where in it the call stands. */
  around: string;
  reads: Reads;
  signature: string;
}

/** So many texts are told apart before everything is forgotten once: an editor is open all day. */
const MAX_TEXTS = 20_000;

/**
 * Remembers estimates between keystrokes, so that one costs a call and not all of the file's. An estimate is kept by
 * the call's identity, with what was read for it, and holds while the function around the call and all of that are
 * unchanged: with memory, a figure is always the one that there would be without.
 */
export class EstimateMemo {
  private kept = new Map<CallId, Remembered>();
  private used = new Map<CallId, Remembered>();
  private interned = new Interned();
  private signatures: Signatures | undefined;
  private variables: Variables | undefined;
  private book: PriceBook | undefined;

  /** Begins a round: a new state of the module. */
  begin(module: ParsedModule, variables: Variables, book: PriceBook): void {
    if (book !== this.book || this.interned.size > MAX_TEXTS) this.clear();
    this.kept = this.used;
    this.used = new Map();
    this.book = book;
    this.variables = variables;
    this.signatures = new Signatures(module, variables, this.interned);
  }

  /** The estimate of a call, from an earlier round or from `estimate`. Only between `begin` and the next one. */
  get(id: CallId, call: FoundCall, estimate: () => Estimated): Estimated {
    const { variables, signatures } = this;
    const around = this.aroundOf(call);
    // At the module's level, order matters in ways that reads don't show.
    if (around === undefined || variables === undefined || signatures === undefined) return estimate();
    const known = this.kept.get(id);
    if (known !== undefined && known.around === around && known.signature === signatures.of(call, known.reads)) {
      this.used.set(id, known);
      return known;
    }
    const { result, reads } = noteReads(call, variables, estimate);
    if (!reads.isBeyondNames) this.used.set(id, { ...result, around, reads, signature: signatures.of(call, reads) });
    return result;
  }

  /** Another file has changed. */
  clear(): void {
    this.kept = new Map();
    this.used = new Map();
    this.interned = new Interned();
  }

  /**
   * The text of the outermost function around a call, and the call's place in it; undefined outside of functions, and
   * where the text alone doesn't say how it reads.
   */
  private aroundOf({ node, place, held }: FoundCall): string | undefined {
    const { rules } = place;
    if (held !== null) return undefined;
    let outermost;
    for (const around of ancestors(node)) if (rules.isFunction(around)) outermost = around;
    // The same text with an error in it reads differently with other text behind it.
    if (outermost === undefined || outermost.hasError) return undefined;
    return `${this.interned.of(outermost.text)} ${node.startIndex - outermost.startIndex} ${node.endIndex - outermost.startIndex}`;
  }
}
