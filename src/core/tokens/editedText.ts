import { editBetween } from "../edit";
import type { Encoding } from "./encoding";

/**
 * A text that is counted again after every edit. Only the pieces that an edit touches are split and counted
 * anew; the rest keeps its count, so that a keystroke in a long prompt costs microseconds.
 */
export class EditedText {
  private text = "";
  private ends = new Int32Array(64);
  private tokens = new Int32Array(64);
  private pieces = 0;
  private total = 0;

  constructor(private readonly encoding: Encoding) {}

  /** Takes the text's new state and returns its number of tokens. */
  count(text: string): number {
    if (text === this.text) return this.total;
    const old = this.text;
    const edit = editBetween(old, text);
    const kept = this.firstAffected(old, edit.start);
    const shift = text.length - old.length;
    const stableFrom = edit.newEnd;

    // Scan on from the last piece that the edit can't have changed, until the cuts fall together again.
    const newEnds: number[] = [];
    const newTokens: number[] = [];
    let resume = kept;
    let resynced = false;
    this.encoding.pieces(text, kept > 0 ? (this.ends[kept - 1] as number) : 0, (end, tokens) => {
      newEnds.push(end);
      newTokens.push(tokens);
      if (end < stableFrom) return false;
      while (resume < this.pieces && (this.ends[resume] as number) + shift < end) resume++;
      resynced = resume < this.pieces && (this.ends[resume] as number) + shift === end;
      return resynced;
    });
    this.replace(kept, resynced ? resume + 1 : this.pieces, newEnds, newTokens, shift);
    this.text = text;
    return this.total;
  }

  /**
   * The index of the first piece that an edit at `at` may change. A piece depends on what stands behind it:
   * a word on up to three characters (a contraction), white space on all of the run that it begins.
   */
  private firstAffected(old: string, at: number): number {
    let safe = at - 5;
    while (safe >= 0 && /\s/.test(old.charAt(safe))) safe--;
    let low = 0;
    let high = this.pieces;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ends[middle] as number) <= safe) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Puts new pieces in the place of pieces [from, to) and moves the ends behind them by `shift`. */
  private replace(from: number, to: number, ends: number[], tokens: number[], shift: number): void {
    for (let i = from; i < to; i++) this.total -= this.tokens[i] as number;
    const pieces = this.pieces - (to - from) + ends.length;
    if (pieces > this.ends.length) {
      this.ends = grown(this.ends, pieces);
      this.tokens = grown(this.tokens, pieces);
    }
    this.ends.copyWithin(from + ends.length, to, this.pieces);
    this.tokens.copyWithin(from + ends.length, to, this.pieces);
    for (let i = 0; i < ends.length; i++) {
      this.ends[from + i] = ends[i] as number;
      this.tokens[from + i] = tokens[i] as number;
      this.total += tokens[i] as number;
    }
    if (shift !== 0) for (let i = from + ends.length; i < pieces; i++) this.ends[i] = (this.ends[i] as number) + shift;
    this.pieces = pieces;
  }
}

function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(size, array.length * 2));
  larger.set(array);
  return larger;
}
