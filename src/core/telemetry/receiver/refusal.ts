/**
 * Why a request is refused, in words that follow "N requests with 503:". The keys are stable: `prompt-cost receive
 * --json` reports them. A store that can't be written adds its own, the `kind` of its TelemetryError.
 */
export const refusalReasons = {
  "foreign-host": "it was not addressed to 127.0.0.1 or localhost",
  "web-page": "it came from a web page",
  "unknown-path": "its path is none of OTLP",
  "wrong-method": "its method was not POST",
  "unknown-content-type": "its content type is neither protobuf nor JSON",
  "unknown-encoding": "its content encoding is not supported",
  "too-large": "its body was too large",
  malformed: "its body was malformed",
  stalled: "its body stopped arriving",
  overloaded: "the queue was full",
} as const;

/** A request that is refused, with its HTTP status. The message is for the sender and holds nothing of the body. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    /** Seconds after which the sender may come back. */
    readonly retryAfter = 1,
  ) {
    super(message);
  }
}

/** The sender closed the connection before its body was complete: there is nobody to answer. */
export class SenderGone extends Error {}
