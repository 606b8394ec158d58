import { fingerprintOf } from "../core/fingerprint";

/** Versions of one document that end the worker, one after another, before new ones have to wait. */
const MAX_IN_A_ROW = 3;
/** The first such wait, which doubles, and the longest (ms). */
const FIRST_WAIT = 30_000;
const MAX_WAIT = 600_000;
/** Texts that are remembered for each document. */
const MAX_TEXTS = 10;

interface Record {
  /** Fingerprints of texts that ended the worker, the newest last. */
  texts: string[];
  inARow: number;
  /** Before this time (ms) no text of the document is tried. */
  waitsUntil: number;
  why: "hung" | "crashed";
}

/** `waitMs` is how long even a changed text has to wait. */
export type Verdict = { kind: "try" } | { kind: "set aside"; why: "hung" | "crashed"; inARow: number; waitMs: number };

/** Which documents are not analysed because the worker came to its end over them: never the same text twice. */
export class SetAside {
  private readonly records = new Map<string, Record>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a document may be sent to the worker. @param text asked for only where it may have ended the worker. */
  sends(uri: string, text: () => string): Verdict {
    const record = this.records.get(uri);
    if (record === undefined) return { kind: "try" };
    const { why, inARow, waitsUntil, texts } = record;
    const waitMs = Math.max(0, waitsUntil - this.now());
    if (waitMs > 0 || texts.includes(fingerprintOf(text()))) return { kind: "set aside", why, inARow, waitMs };
    return { kind: "try" };
  }

  /** The worker came to its end over a text. @param fingerprint see `fingerprintOf` */
  ended(uri: string, fingerprint: string, why: "hung" | "crashed"): void {
    const before = this.records.get(uri);
    const inARow = (before?.inARow ?? 0) + 1;
    const wait = inARow < MAX_IN_A_ROW ? 0 : Math.min(MAX_WAIT, FIRST_WAIT * 2 ** Math.min(20, inARow - MAX_IN_A_ROW));
    const texts = [...(before?.texts ?? []), fingerprint].slice(-MAX_TEXTS);
    this.records.set(uri, { texts, inARow, waitsUntil: this.now() + wait, why });
  }

  /** A text of the document was analysed. */
  analysed(uri: string): void {
    const record = this.records.get(uri);
    if (record !== undefined) record.inARow = record.waitsUntil = 0;
  }

  /** A person wants everything to be tried again. */
  clear(): void {
    this.records.clear();
  }
}

/** What is said of a document that is set aside. @param seconds the limit that it exceeded. */
export function setAsideWords(
  name: string,
  { why, inARow, waitMs }: Exclude<Verdict, { kind: "try" }>,
  seconds: number,
): string {
  const what = why === "hung" ? `it took longer than ${seconds} s` : "it made the analysis fail";
  const times = inARow > 1 ? `, ${inARow} versions in a row` : "";
  const next =
    waitMs > 0
      ? `It will be tried again after a change, in ${Math.ceil(waitMs / 1000)} s at the earliest.`
      : "It will be tried again when the file changes.";
  return `Prompt Cost Lens stopped analyzing ${name}: ${what}${times}. ${next}`;
}
