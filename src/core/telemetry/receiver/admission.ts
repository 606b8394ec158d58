import { Refusal } from "./refusal";

/** Seconds that an admitted request may be expected to wait, a fifth of an exporter's time-out (10 s). */
export const MAX_WAIT_SECONDS = 2;
/** Bytes of all admitted requests, however fast they drain: they are in memory. */
export const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** Seconds before a request for which there is no room is refused: senders that come back at once are slowed down. */
const MAX_HOLD_SECONDS = 2;
/** What a request costs besides its body, in bytes of body. */
const REQUEST_BYTES = 2048;
/** So many times what has arrived of a body is expected to follow soon: the first piece of an exporter's is 64 kB. */
const TRUST = 8;
/** How much of the past the drain rate remembers after each batch. */
const MEMORY = 0.8;

interface Held {
  bytes: number;
  announced: number;
  enter: (ticket: Ticket) => void;
  timer: NodeJS.Timeout;
}

/**
 * Decides whether a request is taken before its body is read, so that a refusal costs next to nothing. It counts as the
 * bytes that have arrived and those that are likely to follow, not as those that its headers announce: who announces much
 * and sends little takes no room from others.
 * What is admitted and not answered yet must drain in `MAX_WAIT_SECONDS` at the rate that was measured lately. A request
 * that finds no room is held, unread, for a moment, and enters in its turn or is refused. One that is alone is always
 * admitted.
 */
export class Admission {
  private pendingBytes = 0;
  private pendingRequests = 0;
  private readonly line: Held[] = [];
  /** A modest start, until something was measured. */
  private drained = { bytes: 4_000_000, seconds: 1 };

  constructor(private readonly holdSeconds = MAX_HOLD_SECONDS) {}

  /**
   * @param arrived bytes of the body. @param announced bytes of the whole body, as far as they are known.
   * @throws Refusal 503 where there is no room for it in time.
   */
  admit(arrived: number, announced: number): Promise<Ticket> {
    const wanted = likely(arrived, announced) + REQUEST_BYTES;
    if (this.line.length === 0 && this.hasRoom(wanted)) return Promise.resolve(this.enter(wanted, announced));
    return new Promise((enter, reject) => {
      const held: Held = {
        bytes: wanted,
        announced,
        enter,
        timer: setTimeout(() => {
          this.line.splice(this.line.indexOf(held), 1);
          reject(this.refusal());
        }, this.holdSeconds * 1000),
      };
      this.line.push(held);
    });
  }

  private hasRoom(bytes: number): boolean {
    const pending = this.pendingBytes + bytes;
    return (
      this.pendingRequests === 0 || (pending <= MAX_PENDING_BYTES && pending / this.bytesPerSecond <= MAX_WAIT_SECONDS)
    );
  }

  private refusal(): Refusal {
    const wait = Math.max(1, Math.ceil(this.pendingBytes / this.bytesPerSecond));
    return new Refusal(503, "overloaded", "the receiver is busy; send this again later", wait);
  }

  private enter(bytes: number, announced: number): Ticket {
    this.pendingRequests++;
    this.pendingBytes += bytes;
    return new Ticket(bytes, announced, {
      change: (change) => {
        if (change > 0 && this.pendingBytes + change > MAX_PENDING_BYTES && this.pendingRequests > 1)
          throw this.refusal();
        this.pendingBytes += change;
        if (change < 0) this.letIn();
      },
      leave: () => {
        this.pendingRequests--;
        this.letIn();
      },
    });
  }

  private letIn(): void {
    for (let next = this.line[0]; next !== undefined && this.hasRoom(next.bytes); next = this.line[0]) {
      this.line.shift();
      clearTimeout(next.timer);
      next.enter(this.enter(next.bytes, next.announced));
    }
  }

  /** @param seconds of work that the bytes took, from when they were there to when they were on disk. */
  measure(bytes: number, seconds: number): void {
    this.drained = { bytes: this.drained.bytes * MEMORY + bytes, seconds: this.drained.seconds * MEMORY + seconds };
  }

  get bytesPerSecond(): number {
    return this.drained.bytes / this.drained.seconds;
  }

  /** What is admitted and not answered yet, and how many requests are held before that. */
  get queue(): { requests: number; bytes: number; held: number } {
    return { requests: this.pendingRequests, bytes: this.pendingBytes, held: this.line.length };
  }
}

const likely = (arrived: number, announced: number): number => Math.max(arrived, Math.min(announced, arrived * TRUST));

/** The place of an admitted request in the queue, until it is answered. */
export class Ticket {
  /** When the body was complete (`performance.now()`). */
  readAt = 0;
  private isReleased = false;

  constructor(
    private reserved: number,
    private announced: number,
    private readonly queue: { change: (bytes: number) => void; leave: () => void },
  ) {}

  get bytes(): number {
    return this.reserved;
  }

  /** @param bytes of the body that have arrived. @throws Refusal 503 where memory has no room for more of them. */
  arrive(bytes: number): void {
    this.resize(likely(bytes, this.announced));
  }

  /** The rest of the body is late: from now on it counts when it is there. @param arrived bytes of it. */
  doubt(arrived: number): void {
    this.announced = 0;
    this.resize(arrived);
  }

  /** @param bytes that the body has, now that it is complete and unpacked. @throws Refusal 503 as `arrive` does. */
  resize(bytes: number): void {
    const change = bytes + REQUEST_BYTES - this.reserved;
    if (change === 0) return;
    this.queue.change(change);
    this.reserved += change;
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.queue.change(-this.reserved);
    this.queue.leave();
  }
}
