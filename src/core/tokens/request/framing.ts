/** Tokens around every message: its start, its role, its end. */
export const MESSAGE = 4;

/** Tokens that name an answer's channel, on models that have channels. */
export const ANSWER_CHANNEL = 2;

/** Tokens that begin the answer, on models that do not reason; one less on those that do. */
export const answerStart = (reasoning: boolean): number => (reasoning ? 2 : 3);
