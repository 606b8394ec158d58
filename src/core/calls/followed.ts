import type { Operation } from "../languages/pack";
import type { Key } from "../languages/use";

/** What a statement's functions do to a variable of the module, whenever they run. */
export interface Followed {
  operation: Operation;
  within: readonly Key[];
}

/** What following a variable through a statement found, and what it cost in the budget's units. */
export interface Answer {
  all: readonly Followed[];
  units: number;
}

/** So many statements are remembered before all are forgotten once: an editor is open all day. */
const MAX_STATEMENTS = 20_000;

/**
 * Remembers between keystrokes what functions do to a module's variables: that depends on nothing but their text, as long
 * as a value was followed within it.
 */
export class FollowedStatements {
  private readonly byName = new Map<string, Map<string, Answer>>();
  private size = 0;

  /** @param question what is asked of the statement: the variable, and how it is looked for */
  get(question: string, statement: string): Answer | undefined {
    return this.byName.get(question)?.get(statement);
  }

  set(question: string, statement: string, answer: Answer): void {
    if (++this.size > MAX_STATEMENTS) {
      this.byName.clear();
      this.size = 1;
    }
    let answers = this.byName.get(question);
    if (answers === undefined) this.byName.set(question, (answers = new Map<string, Answer>()));
    answers.set(statement, answer);
  }
}
