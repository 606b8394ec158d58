import { countMerged } from "./merge";
import { type Ranks, readRanks } from "./ranks";
import { type Splitter, cl100k, gpt2, o200k } from "./split";

/** The encodings of js-tiktoken that OpenAI's models use. */
export const encodingNames = ["o200k_base", "cl100k_base", "p50k_base", "r50k_base"] as const;
export type EncodingName = (typeof encodingNames)[number];

const splitters: Record<EncodingName, Splitter> = {
  o200k_base: o200k,
  cl100k_base: cl100k,
  p50k_base: gpt2,
  r50k_base: gpt2,
};

/** Reads the bytes of an encoding's `.ranks` file. */
export type RanksReader = (name: EncodingName) => Uint8Array;

const encoder = new TextEncoder();

/** UTF-8 bytes of the UTF-16 unit at `at`; the second half of a pair counts with the first. */
function bytesOfUnit(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit < 0xd800 || unit > 0xdfff) return 3;
  // A lone surrogate becomes U+FFFD, three bytes; a pair is four.
  const paired = unit < 0xdc00 ? isLow(text.charCodeAt(at + 1)) : isHigh(text.charCodeAt(at - 1));
  return paired ? (unit < 0xdc00 ? 4 : 0) : 3;
}
const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** Pieces that are no token of their own are remembered, up to this many. */
const CACHE_LIMIT = 50_000;
/** Longer pieces are rare and would fill the memory. */
const CACHED_LENGTH = 64;

/** Counts tokens piece by piece: the pattern splits, and a piece's count never depends on its neighbours. */
export class Encoding {
  private readonly cache = new Map<string, number>();
  private buffer = new Uint8Array(4096);

  constructor(
    readonly name: EncodingName,
    private readonly ranks: Ranks,
    private readonly splitter: Splitter,
  ) {}

  /** The number of tokens of a text; special tokens in it count as the plain text that the API takes them for. */
  count(text: string): number {
    let total = 0;
    this.pieces(text, 0, (_end, tokens) => {
      total += tokens;
      return false;
    });
    return total;
  }

  /** Walks over the pieces from `from`, which must be the start of a piece, until `visit` returns true or the text ends. */
  pieces(text: string, from: number, visit: (end: number, tokens: number) => boolean): void {
    // In slices: only a few pieces may be needed, and a slice's bytes stay in the processor's cache.
    let sliceEnd = from;
    let byte = 0;
    for (let start = from; start < text.length;) {
      const end = this.splitter.next(text, start);
      if (end > sliceEnd) {
        sliceEnd = Math.max(end, Math.min(text.length, start + SLICE));
        this.encodeSlice(text.slice(start, sliceEnd));
        byte = 0;
      }
      let bytes = 0;
      for (let i = start; i < end; i++) bytes += bytesOfUnit(text, i);
      if (visit(end, this.countPiece(text, start, end, byte, byte + bytes))) return;
      byte += bytes;
      start = end;
    }
  }

  private encodeSlice(slice: string): void {
    if (this.buffer.length < slice.length * 3) this.buffer = new Uint8Array(slice.length * 3);
    encoder.encodeInto(slice, this.buffer);
  }

  private countPiece(text: string, start: number, end: number, byteStart: number, byteEnd: number): number {
    if (this.ranks.rankOf(this.buffer, byteStart, byteEnd) >= 0) return 1;
    if (end - start > CACHED_LENGTH) return countMerged(this.ranks, this.buffer, byteStart, byteEnd);
    const piece = text.slice(start, end);
    const known = this.cache.get(piece);
    if (known !== undefined) return known;
    const tokens = countMerged(this.ranks, this.buffer, byteStart, byteEnd);
    if (this.cache.size >= CACHE_LIMIT) this.cache.clear();
    this.cache.set(piece, tokens);
    return tokens;
  }
}

const SLICE = 8192;

/** Loads each encoding once, when it is first asked for. */
export class Encodings {
  private readonly loaded = new Map<EncodingName, Encoding>();

  constructor(private readonly read: RanksReader) {}

  get(name: EncodingName): Encoding {
    let encoding = this.loaded.get(name);
    if (encoding === undefined) {
      encoding = new Encoding(name, readRanks(this.read(name)), splitters[name]);
      this.loaded.set(name, encoding);
    }
    return encoding;
  }
}
