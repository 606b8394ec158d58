import { createHash } from "node:crypto";

/** Versions of one document that end the worker, one after another, before new ones have to wait. */
const MAX_IN_A_ROW = 3;
/** The first such wait, which doubles, and the longest (ms). */
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 600_000;
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
  /** Fingerprints of the versions that the worker was sent, by document. */
  private readonly sent = new Map<string, Map<number, string>>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a version may be sent to the worker; if so, it counts as sent. */
  sends(uri: string, version: number, text: string): Verdict {
    const fingerprint = createHash("sha1").update(text).digest("base64");
    const { why = "hung", inARow = 0, waitsUntil = 0, texts = [] } = this.records.get(uri) ?? {};
    const waitMs = Math.max(0, waitsUntil - this.now());
    if (waitMs > 0 || texts.includes(fingerprint)) return { kind: "set aside", why, inARow, waitMs };
    const versions = this.sent.get(uri) ?? new Map<number, string>();
    this.sent.set(uri, versions.set(version, fingerprint));
    return { kind: "try" };
  }

  /** The worker came to its end over a version. */
  ended(uri: string, version: number, why: "hung" | "crashed"): void {
    const before = this.records.get(uri);
    const fingerprint = this.sent.get(uri)?.get(version);
    const inARow = (before?.inARow ?? 0) + 1;
    const wait =
      inARow < MAX_IN_A_ROW ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(20, inARow - MAX_IN_A_ROW));
    const texts = [...(before?.texts ?? []), ...(fingerprint === undefined ? [] : [fingerprint])].slice(-MAX_TEXTS);
    this.records.set(uri, { texts, inARow, waitsUntil: this.now() + wait, why });
  }

  /** A version was analysed: the ones before it are of no interest any more. */
  analysed(uri: string, version: number): void {
    const record = this.records.get(uri);
    if (record !== undefined) record.inARow = record.waitsUntil = 0;
    const versions = this.sent.get(uri);
    for (const one of [...(versions?.keys() ?? [])]) if (one < version) versions?.delete(one);
  }

  /** A new worker has been sent nothing yet. */
  restarted(): void {
    this.sent.clear();
  }

  closed(uri: string): void {
    this.sent.delete(uri);
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
