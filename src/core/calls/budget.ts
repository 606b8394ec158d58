/** Characters of text, and items of lists, that evaluating one call's request may make in total. */
export const MAX_CHARACTERS = 4_000_000;

/** Steps that evaluating one call's request may take. */
export const MAX_STEPS = 20_000;

/** How deep evaluation follows expressions inside expressions. */
export const MAX_DEPTH = 60;

/** What the calls of one file may use together. */
const FILE_SHARE = { characters: 4 * MAX_CHARACTERS, steps: 50 * MAX_STEPS };

/** What each call still gets where others have used up the file's share: enough for what people write. */
const MINIMUM_SHARE = { characters: 20_000, steps: 400 };

/** Characters (or other small units of work) that are looked at in one step. */
const UNITS_PER_STEP = 1_000;

const million = (count: number): string => `${count / 1_000_000} million`;

/**
 * What evaluating may cost: a repository may hold code that was written to exhaust memory or time. Counted in
 * work and not in seconds, so that a busy machine gives the same estimates as an idle one.
 */
export class Budget {
  /** Used by the current call. */
  steps = 0;
  characters = 0;
  /** Used by all calls of the file. */
  readonly total = { steps: 0, characters: 0 };
  private depth = 0;
  private share = { steps: MAX_STEPS, characters: MAX_CHARACTERS };
  private readonly exceeded = new Set<string>();

  /** Begins with a call, which has its own budget. */
  begin(): void {
    const isSpent = this.total.steps >= FILE_SHARE.steps || this.total.characters >= FILE_SHARE.characters;
    this.share = isSpent ? MINIMUM_SHARE : { steps: MAX_STEPS, characters: MAX_CHARACTERS };
    this.steps = 0;
    this.characters = 0;
    this.exceeded.clear();
  }

  /** Why a part of the current call was not evaluated. */
  get reasons(): readonly string[] {
    return [...this.exceeded];
  }

  /** Takes steps; false where there are none left. */
  step(count = 1): boolean {
    this.steps += count;
    this.total.steps += count;
    return this.isWithinSteps(0);
  }

  /** Takes the steps for looking at so many characters or other small units. */
  scan(units: number): boolean {
    return this.step(Math.ceil(units / UNITS_PER_STEP));
  }

  /** Whether at least so many steps are left. */
  isWithinSteps(count: number): boolean {
    if (this.steps + count <= this.share.steps) return true;
    this.exceeded.add(`more than ${this.share.steps.toLocaleString("en-US")} steps of evaluation`);
    return false;
  }

  /** Takes the characters of a new text, or the items of a new list; takes none and says false where they are too many. */
  make(count: number): boolean {
    if (this.characters + count > this.share.characters) {
      this.exceeded.add(
        this.share.characters === MAX_CHARACTERS
          ? `text longer than ${million(MAX_CHARACTERS)} characters`
          : `the file's prompts together are longer than ${million(FILE_SHARE.characters)} characters`,
      );
      return false;
    }
    this.characters += count;
    this.total.characters += count;
    return true;
  }

  /** Runs what is one level deeper; undefined, without running it, where that is too deep or no step is left. */
  within<T>(run: () => T): T | undefined {
    if (!this.step()) return undefined;
    if (this.depth >= MAX_DEPTH) {
      this.exceeded.add(`expressions nested deeper than ${MAX_DEPTH} levels`);
      return undefined;
    }
    this.depth++;
    try {
      return run();
    } finally {
      this.depth--;
    }
  }
}
