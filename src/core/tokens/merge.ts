import type { Ranks } from "./ranks";

const NO_RANK = 0x7fffffff;

/** Up to this many bytes a plain scan for the lowest rank beats a heap. */
const SCAN_LIMIT = 64;

/**
 * The number of tokens that byte-pair merging leaves of `bytes[start, end)`.
 * Takes n log n time in the number of bytes, whatever they are: js-tiktoken's own loop is quadratic, and a
 * line of 20,000 equal letters would hold it for a minute.
 */
export function countMerged(ranks: Ranks, bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length <= 1) return length;
  return length <= SCAN_LIMIT ? countByScan(ranks, bytes, start, end) : countByHeap(ranks, bytes, start, end);
}

const scanStarts = new Int32Array(SCAN_LIMIT + 2);
const scanRanks = new Int32Array(SCAN_LIMIT + 2);

function countByScan(ranks: Ranks, bytes: Uint8Array, start: number, end: number): number {
  let parts = end - start;
  for (let i = 0; i <= parts; i++) scanStarts[i] = start + i;
  // Rank of part i merged with its right neighbour.
  const pairRank = (i: number): number => {
    if (i + 2 > parts) return NO_RANK;
    const rank = ranks.rankOf(bytes, scanStarts[i] as number, scanStarts[i + 2] as number);
    return rank < 0 ? NO_RANK : rank;
  };
  for (let i = 0; i < parts; i++) scanRanks[i] = pairRank(i);
  for (;;) {
    let best = NO_RANK;
    let at = -1;
    for (let i = 0; i < parts - 1; i++) {
      const rank = scanRanks[i] as number;
      if (rank < best) {
        best = rank;
        at = i;
      }
    }
    if (at < 0) return parts;
    scanStarts.copyWithin(at + 1, at + 2, parts + 1);
    scanRanks.copyWithin(at + 1, at + 2, parts);
    parts--;
    scanRanks[at] = pairRank(at);
    if (at > 0) scanRanks[at - 1] = pairRank(at - 1);
  }
}

/**
 * The same merge over a linked list of parts and a heap of candidate pairs. A candidate is the number
 * `rank * length + position`, so that the smallest is the lowest rank, and the leftmost among equals.
 */
function countByHeap(ranks: Ranks, bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const next = new Int32Array(length + 1);
  const previous = new Int32Array(length + 1);
  const current = new Int32Array(length).fill(NO_RANK);
  for (let i = 0; i <= length; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  const heap = new MinHeap(length);
  const offer = (i: number): void => {
    const right = next[i] as number;
    const rank = right >= length ? -1 : ranks.rankOf(bytes, start + i, start + (next[right] as number));
    current[i] = rank < 0 ? NO_RANK : rank;
    if (rank >= 0) heap.push(rank * length + i);
  };
  for (let i = 0; i < length - 1; i++) offer(i);
  let parts = length;
  for (let candidate = heap.pop(); candidate >= 0; candidate = heap.pop()) {
    const i = candidate % length;
    // A part that was merged away, or whose pair has changed since, has another rank by now.
    if (current[i] !== Math.floor(candidate / length)) continue;
    const right = next[i] as number;
    const after = next[right] as number;
    current[right] = NO_RANK;
    next[i] = after;
    previous[after] = i;
    parts--;
    offer(i);
    const left = previous[i] as number;
    if (left >= 0) offer(left);
  }
  return parts;
}

/** Four children a node: half the depth of a binary heap, and its children share a cache line. */
class MinHeap {
  private items: Float64Array;
  private size = 0;

  constructor(capacity: number) {
    this.items = new Float64Array(Math.max(16, capacity));
  }

  push(value: number): void {
    if (this.size === this.items.length) {
      const larger = new Float64Array(this.items.length * 2);
      larger.set(this.items);
      this.items = larger;
    }
    const { items } = this;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      const above = items[parent] as number;
      if (above <= value) break;
      items[i] = above;
      i = parent;
    }
    items[i] = value;
  }

  /** The smallest value, or -1 where the heap is empty. */
  pop(): number {
    if (this.size === 0) return -1;
    const { items } = this;
    const top = items[0] as number;
    const size = --this.size;
    const last = items[size] as number;
    let i = 0;
    for (let first = 1; first < size; first = 4 * i + 1) {
      const end = Math.min(first + 4, size);
      let child = first;
      for (let other = first + 1; other < end; other++)
        if ((items[other] as number) < (items[child] as number)) child = other;
      if ((items[child] as number) >= last) break;
      items[i] = items[child] as number;
      i = child;
    }
    items[i] = last;
    return top;
  }
}
