/** What stands where in the shared memory. */
enum Slot {
  Beats,
  Handled,
  Tasks,
  Patience,
}
const SLOTS = 4;

/**
 * A worker's signs of life, in memory that both threads see: the extension host reads them even while the worker is
 * busy or hangs, and writing them costs the worker next to nothing.
 */
export class Pulse {
  private readonly slots: Int32Array;
  private readonly allowances = new Set<{ patienceMs: number }>();

  constructor(readonly memory = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)) {
    this.slots = new Int32Array(memory);
  }

  /** Changes with every sign of life. */
  get beats(): number {
    return Atomics.load(this.slots, Slot.Beats);
  }

  /** Messages that the worker has taken from its line. */
  get handled(): number {
    return Atomics.load(this.slots, Slot.Handled);
  }

  get isBusy(): boolean {
    return Atomics.load(this.slots, Slot.Tasks) > 0;
  }

  /** Milliseconds for which the worker said that it may be silent; 0 where it said nothing. */
  get patienceMs(): number {
    return Atomics.load(this.slots, Slot.Patience);
  }

  /** A sign of life, for work that goes on for long without waiting for anything. */
  beat(): void {
    Atomics.add(this.slots, Slot.Beats, 1);
  }

  took(): void {
    Atomics.add(this.slots, Slot.Handled, 1);
    this.beat();
  }

  /** Counts as busy until the function that it gives is called. */
  begin(): () => void {
    Atomics.add(this.slots, Slot.Tasks, 1);
    this.beat();
    return () => {
      Atomics.sub(this.slots, Slot.Tasks, 1);
      this.beat();
    };
  }

  /** Lets the worker be silent for so long (ms), until the function that it gives is called; calling it again does nothing. */
  allow(patienceMs: number): () => void {
    const allowance = { patienceMs };
    this.allowances.add(allowance);
    this.sayPatience();
    return () => {
      if (this.allowances.delete(allowance)) this.sayPatience();
    };
  }

  private sayPatience(): void {
    Atomics.store(this.slots, Slot.Patience, Math.max(0, ...[...this.allowances].map(({ patienceMs }) => patienceMs)));
    this.beat();
  }
}
