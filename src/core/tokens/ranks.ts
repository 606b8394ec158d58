/**
 * The ranks of one byte-pair encoding: which byte sequences are tokens, and in which order they merge.
 * Read from the files that `build/encodings.mjs` writes out of js-tiktoken.
 */
export interface Ranks {
  /** Rank of the token made of `bytes[start, end)`, or -1 where that sequence is no token. */
  rankOf(bytes: Uint8Array, start: number, end: number): number;
}

/** An open-addressing hash table over typed arrays: 200,000 tokens in a few megabytes, built in a few milliseconds. */
class RankTable implements Ranks {
  private readonly slots: Int32Array;
  private readonly mask: number;
  private longest = 0;

  constructor(
    private readonly starts: Uint32Array,
    private readonly bytes: Uint8Array,
  ) {
    const count = starts.length - 1;
    const size = 2 ** Math.ceil(Math.log2(count * 2 + 1));
    this.mask = size - 1;
    this.slots = new Int32Array(size).fill(-1);
    for (let rank = 0; rank < count; rank++) {
      const start = starts[rank] ?? 0;
      const end = starts[rank + 1] ?? start;
      if (end === start) continue;
      this.longest = Math.max(this.longest, end - start);
      let slot = hash(bytes, start, end) & this.mask;
      while (this.slots[slot] !== -1) slot = (slot + 1) & this.mask;
      this.slots[slot] = rank;
    }
  }

  rankOf(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > this.longest) return -1;
    let slot = hash(bytes, start, end) & this.mask;
    for (;;) {
      // Typed array reads are within bounds by construction: `slot` is masked, ranks index `starts`.
      const rank = this.slots[slot] as number;
      if (rank === -1) return -1;
      const tokenStart = this.starts[rank] as number;
      if ((this.starts[rank + 1] as number) - tokenStart === length) {
        let i = 0;
        while (i < length && this.bytes[tokenStart + i] === bytes[start + i]) i++;
        if (i === length) return rank;
      }
      slot = (slot + 1) & this.mask;
    }
  }
}

/** FNV-1a with a final mix, so that short tokens spread over the table. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 3;
}

/**
 * Reads a `.ranks` file.
 * @throws RangeError where the file is cut short.
 */
export function readRanks(file: Uint8Array): Ranks {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const count = view.getUint32(0, true);
  const starts = new Uint32Array(count + 1);
  for (let rank = 0; rank < count; rank++) starts[rank + 1] = (starts[rank] as number) + (file[4 + rank] ?? 0);
  const bytes = file.subarray(4 + count);
  if (bytes.length !== starts[count])
    throw new RangeError("The encoding's file is cut short; install the extension again.");
  return new RankTable(starts, bytes);
}
