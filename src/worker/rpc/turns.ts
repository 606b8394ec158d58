import type { Pulse } from "./pulse";
import type { Subject } from "./wire";

/** Lets others have their turn, and waits for the next one. Long work calls it between its steps. */
export type Pause = () => Promise<void>;

/**
 * Work in line, one piece at a time: so it is always known what the worker has in hand, and what to blame where the
 * worker never comes back from it.
 */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  /** @param announce says what is in hand from now on. */
  constructor(
    private readonly pulse: Pulse,
    private readonly announce: (subject: Subject | null) => void,
  ) {}

  /** @param subject what is in hand, asked when the turn comes. */
  async take<T>(subject: () => Subject, work: (pause: Pause) => Promise<T>): Promise<T> {
    const done = this.pulse.begin();
    let end = await this.begin(subject);
    try {
      return await work(async () => {
        end();
        await new Promise((resolve) => setImmediate(resolve));
        end = await this.begin(subject);
      });
    } finally {
      end();
      done();
    }
  }

  private async begin(subject: () => Subject): Promise<() => void> {
    const before = this.last;
    let release = (): void => undefined;
    this.last = new Promise((resolve) => (release = resolve));
    await before;
    this.announce(subject());
    this.pulse.beat();
    return () => {
      this.announce(null);
      release();
    };
  }
}
