import { Refusal } from "./refusal";

/** Seconds that an admitted request may be expected to wait, a fifth of an exporter's time-out (10 s). */
export const MAX_WAIT_SECONDS = 2;
/** Bytes of all admitted requests, however fast they drain: they are in memory. */
export const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** Seconds before a request for which there is no room is refused: senders that come back at once are slowed down. */
const MAX_HOLD_SECONDS = 2;
/** What a request costs besides its body, in bytes of body. */
const REQUEST_BYTES = 2048;
/** How much of the past the drain rate remembers after each batch. */
const MEMORY = 0.8;

interface Held {
  bytes: number;
  enter: (ticket: Ticket) => void;
  timer: NodeJS.Timeout;
}

/**
 * Decides by a request's headers whether it is taken: before its body is read, so that a refusal costs next to nothing.
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

  /** @param bytes of the body, as far as they are known. @throws Refusal 503 where there is no room for it in time. */
  admit(bytes: number): Promise<Ticket> {
    const wanted = bytes + REQUEST_BYTES;
    if (this.line.length === 0 && this.hasRoom(wanted)) return Promise.resolve(this.enter(wanted));
    return new Promise((enter, reject) => {
      const held: Held = {
        bytes: wanted,
        enter,
        timer: setTimeout(() => {
          this.line.splice(this.line.indexOf(held), 1);
          const wait = Math.max(1, Math.ceil(this.pendingBytes / this.bytesPerSecond));
          reject(new Refusal(503, "overloaded", "the receiver is busy; send this again later", wait));
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

  private enter(bytes: number): Ticket {
    this.pendingRequests++;
    this.pendingBytes += bytes;
    return new Ticket(
      bytes,
      (change) => (this.pendingBytes += change),
      () => this.leave(),
    );
  }

  private leave(): void {
    this.pendingRequests--;
    for (let next = this.line[0]; next !== undefined && this.hasRoom(next.bytes); next = this.line[0]) {
      this.line.shift();
      clearTimeout(next.timer);
      next.enter(this.enter(next.bytes));
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

/** The place of an admitted request in the queue, until it is answered. */
export class Ticket {
  /** When the body was complete (`performance.now()`). */
  readAt = 0;
  private isReleased = false;

  constructor(
    private reserved: number,
    private readonly change: (bytes: number) => void,
    private readonly leave: () => void,
  ) {}

  get bytes(): number {
    return this.reserved;
  }

  /** The body has other bytes than its headers said: it had no length, or was compressed. */
  resize(bytes: number): void {
    this.change(bytes + REQUEST_BYTES - this.reserved);
    this.reserved = bytes + REQUEST_BYTES;
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.change(-this.reserved);
    this.leave();
  }
}
