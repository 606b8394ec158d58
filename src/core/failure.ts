/** What can be shown of a failure: what happened, and what to do next. Crosses between threads as a plain value. */
export interface FailureValue {
  /** A name for tests and for choosing what to offer, such as `unreachable`. */
  kind: string;
  message: string;
  nextStep: string;
  /** Whether asking again later may help. */
  isTransient: boolean;
}

/** A failure that the person who looks can understand. */
export class Failure extends Error implements FailureValue {
  constructor(
    readonly kind: string,
    message: string,
    readonly nextStep: string,
    readonly isTransient = false,
  ) {
    super(message);
    this.name = "Failure";
  }
}

/** What happened and what to do next, as one text. */
export const inWords = ({ message, nextStep }: FailureValue): string => `${message} ${nextStep}`.trim();

/** What to say of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Failure) return inWords(error);
  return error instanceof Error ? error.message : String(error);
}

/** The plain value of anything that was thrown. */
export function failureFrom(error: unknown): FailureValue {
  if (error instanceof Failure) {
    const { kind, message, nextStep, isTransient } = error;
    return { kind, message, nextStep, isTransient };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "unexpected", message, nextStep: "Show the log for details.", isTransient: true };
}
