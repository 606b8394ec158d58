import { z } from "zod";
import type { EstimatedCall } from "../estimate/analysis";
import type { TableResult } from "../pricing/table";
import { type Severity, severities } from "./severity";

/** What a finding can be about. */
export interface Subjects {
  /** A call in a document's text. */
  call: { call: EstimatedCall; text: string };
  /** A pricing table as it was read. `hasLastValid` where an earlier state of it is used instead of a broken one. */
  pricingTable: { text: string; result: TableResult; hasLastValid: boolean; today: Date };
  /** A wrapper's price module, and what it would hold if it were written now. */
  wrapperPrices: { text: string; wanted: string };
}
export type SubjectName = keyof Subjects;

/** Replaces `was` by `text`, at an offset in UTF-16 units; not offered where something else stands there by now. */
const edit = z.object({ start: z.number(), was: z.string(), text: z.string() });

/** Commands of the extension that can fix something. */
const fixCommands = ["openPricingTable", "updateWrapper"] as const;

const fix = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("edit"), title: z.string(), edits: z.array(edit) }),
  z.object({ kind: z.literal("command"), title: z.string(), command: z.enum(fixCommands) }),
]);
export type Fix = z.infer<typeof fix>;

/** A place where a finding applies: offsets in UTF-16 units. The first fix is the one that people usually want. */
const place = z.object({ message: z.string(), start: z.number(), end: z.number(), fixes: z.array(fix) });
export type Place = z.infer<typeof place>;

/** A place, by which finding: what crosses from the worker to the editor. */
export const report = z.object({ ...place.shape, id: z.string(), severity: z.enum(severities) });
export type Report = z.infer<typeof report>;

/** A kind of problem, or of advice, that the editor shows at its place. Each is a file; `registry.ts` lists all of them. */
export interface Finding<S extends SubjectName> {
  /** Names it in the setting `promptCost.findings.severity`, and so never changes. */
  id: string;
  about: S;
  /** Its severity, unless the user has set another. */
  severity: Severity;
  /** When it applies, in a sentence of the README and the settings. */
  description: string;
  /** Where it applies; empty where it doesn't. */
  find(subject: Subjects[S]): Place[];
}
export type AnyFinding = { [S in SubjectName]: Finding<S> }[SubjectName];

/** What the findings about a subject say of it. */
export function findIn<S extends SubjectName>(
  about: S,
  subject: Subjects[S],
  findings: readonly AnyFinding[],
): Report[] {
  const isAbout = (finding: AnyFinding): finding is AnyFinding & Finding<S> => finding.about === about;
  return findings
    .filter(isAbout)
    .flatMap(({ id, severity, find }) => find(subject).map((found) => ({ ...found, id, severity })));
}
