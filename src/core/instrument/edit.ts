import type { Node } from "web-tree-sitter";
import { Evaluator } from "../calls/evaluate";
import { type FoundCall, findCalls } from "../calls/finder";
import { type ParsedModule, endOf, startOf } from "../calls/module";
import type { Modules } from "../calls/modules";
import { leavesOf } from "../calls/names";
import { TRACKER, receiverOf, trackedReceiver } from "../calls/tracker";
import { type Tracking, importsTracker, trackingOf } from "../calls/tracking";
import { addImport, removeImport } from "./imports";
import { literal, quoteInside, quoteOf } from "./quotes";
import { suggestFeature } from "./suggestFeature";
import type { TextEdit } from "../textEdit";
import type { Tracker } from "./trackerSource";
import { userIdsNear } from "./userIds";

/** A call as the commands see it. */
export interface TrackableCall {
  api: string;
  start: number;
  end: number;
  /** The receiver of the method: what is tracked. */
  receiver: Node | null;
  /** The feature that it is tracked as; null where it isn't tracked. */
  feature: string | null;
  isTracked: boolean;
  /** The name that its surroundings suggest for the feature. */
  suggestion: string;
  /** Expressions in scope that look like the user's id. */
  userIds: string[];
  /** Why it can't be tracked safely, in words; null where it can. */
  refusal: string | null;
}

/** The calls of a parsed text, tracked or not. */
export function trackableCalls(module: ParsedModule, modules: Modules): TrackableCall[] {
  modules.begin();
  const evaluator = new Evaluator(modules);
  const isNameTaken = !importsTracker(module) && bindsTracker(module);
  return findCalls(module, evaluator).map((call) => {
    const { node, held, place } = call;
    const receiver = receiverOf(node, held, place.rules);
    const tracking = trackingOf(call, evaluator);
    return {
      api: call.name,
      start: startOf(node, place),
      end: endOf(node, place),
      receiver,
      feature: tracking?.feature ?? null,
      isTracked: tracking !== null,
      suggestion: suggestFeature(call),
      // What is in scope at the call need not be where its method is named.
      userIds: held === null ? userIdsNear(call, evaluator) : [],
      refusal: tracking === null ? refusalOf(call, receiver, isNameTaken) : refusalToRemove(call, tracking),
    };
  });
}

function refusalOf({ name, node, place }: FoundCall, receiver: Node | null, isNameTaken: boolean): string | null {
  const { instrumenting } = place.module.pack;
  if ("refusal" in instrumenting) return instrumenting.refusal;
  if (receiver === null) return "its method is taken out of its API; call it on the client to track it";
  if (/^(ChatCompletion|Completion|Embedding)\./.test(name))
    return "it is of the openai package before version 1, which has no client to track";
  if (/\?\./.test(receiver.text) || receiver.parent?.text.slice(receiver.text.length).startsWith("?.") === true)
    return "its client may be missing (?.)";
  if (receiver.text.includes("with_streaming_response"))
    return "with_streaming_response hands the bare body to its caller: nothing of it can be read";
  if (isBroken(place.module)) return BROKEN;
  if (isNameTaken) return `its file uses the name ${TRACKER} for something else`;
  if (quoteInside(node) === null) return "it stands in an f-string that uses both kinds of quotes";
  return null;
}

function refusalToRemove({ place }: FoundCall, { isInCall }: Tracking): string | null {
  return isBroken(place.module)
    ? BROKEN
    : isInCall
      ? null
      : "its tracking stands where the variable is set that it uses";
}

/** Broken code is parsed in parts: nothing is written into it. */
const isBroken = ({ sections }: ParsedModule): boolean =>
  sections.length > 1 || sections.some(({ root }) => root.hasError);
const BROKEN = "its file has syntax errors";

/** Whether the module's code has something of the tracker's name: a variable, a function, an import of something else. */
function bindsTracker(module: ParsedModule): boolean {
  return namesOf(module).some((leaf) => !isMemberName(leaf));
}

/** Where the tracker's name stands in a module's code. */
function namesOf(module: ParsedModule): Node[] {
  return module.sections
    .flatMap(({ root }) => leavesOf(root, TRACKER))
    .filter(({ type }) => /^(identifier|shorthand_property_identifier(_pattern)?)$/.test(type));
}

/** `job.tracked`, `f(tracked=1)`: a name that is no variable. */
function isMemberName(leaf: Node): boolean {
  const { parent } = leaf;
  return (
    (parent?.type === "attribute" && parent.childForFieldName("attribute")?.id === leaf.id) ||
    (parent?.type === "keyword_argument" && parent.childForFieldName("name")?.id === leaf.id)
  );
}

export interface Attribution {
  feature: string;
  /** An expression in scope, as it is written; null without a user. */
  userId: string | null;
  /** As the workspace's settings have them; null leaves them to the environment of the running program. */
  team: string | null;
  environment: string | null;
}

/**
 * Tracks calls: the receiver is wrapped, and the import added in the file's own place. Everything else stays as it
 * is, to the byte. Calls that are tracked already, or can't be safely, are left alone.
 * @throws where a name can't be written at its place.
 */
export function instrument(
  module: ParsedModule,
  text: string,
  calls: readonly { call: TrackableCall; attribution: Attribution }[],
  tracker: Tracker,
): TextEdit[] {
  const quote = quoteOf(module.sections.map(({ root }) => root));
  const edits = calls.flatMap(({ call, attribution }, index): TextEdit[] => {
    const { receiver, isTracked, refusal, start } = call;
    // Several calls may share a method that one place names.
    const isShared = calls.slice(0, index).some((one) => one.call.receiver?.id === receiver?.id);
    if (receiver === null || isTracked || refusal !== null || isShared) return [];
    // The receiver begins where the call does, but for parentheses and marks around it.
    const from = receiver.startIndex + sectionOffset(module, receiver, start);
    const to = from + receiver.text.length;
    const given = attributionText(attribution, tracker.style, quoteInside(receiver) ?? quote, isOfOtherEncoding(text));
    const unfit = refusalOfNames(call, attribution, text, tracker.style);
    if (unfit !== null) throw new Error(`${unfit}. Nothing was written.`);
    return [
      { start: from, end: from, text: `${TRACKER}(` },
      { start: to, end: to, text: `${given})` },
    ];
  });
  return edits.length === 0 ? [] : [...addImport(module, text, tracker), ...edits].sort((a, b) => a.start - b.start);
}

/** Why a call can't be tracked under these names at its place; null where it can. @param text the file's */
export function refusalOfNames(
  { receiver }: TrackableCall,
  attribution: Attribution,
  text: string,
  style: Tracker["style"],
): string | null {
  const quote = receiver === null ? undefined : quoteInside(receiver);
  if (typeof quote !== "string") return null;
  const given = attributionText(attribution, style, quote, isOfOtherEncoding(text));
  const isUnfit = /[\\#\n]/.test(given) || given.includes(quote === "'" ? '"' : "'");
  return isUnfit ? NOT_IN_F_STRING : null;
}

const NOT_IN_F_STRING =
  "a call in an f-string takes only plain names: before Python 3.12, no backslash, no # and none of the string's own quotes may stand there";

/** Whether Python reads a file in another encoding than UTF-8, by the comment in its first two lines. */
const isOfOtherEncoding = (text: string): boolean =>
  /^(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*(?!utf-?8\b)[-\w.]/i.test(text);

function attributionText(
  { feature, userId, team, environment }: Attribution,
  style: Tracker["style"],
  quote: string,
  isAscii: boolean,
): string {
  const text = (value: string): string =>
    literal(value, quote, style === "python" ? "python" : "script", style === "python" && isAscii);
  const given = [
    ["feature", text(feature)],
    [style === "python" ? "user_id" : "userId", userId],
    ["team", team === null ? null : text(team)],
    ["environment", environment === null ? null : text(environment)],
  ].filter((pair): pair is [string, string] => pair[1] !== null);
  if (style === "python") return given.map(([name, value]) => `, ${name}=${value}`).join("");
  return `, { ${given.map(([name, value]) => (name === value ? name : `${name}: ${value}`)).join(", ")} }`;
}

/** Takes the tracking from calls; the import goes with the last of them. */
export function removeTracking(
  module: ParsedModule,
  text: string,
  calls: readonly TrackableCall[],
  tracker: Tracker["style"],
): TextEdit[] {
  const removed = calls.filter(
    ({ isTracked, refusal, receiver }, index) =>
      isTracked && refusal === null && !calls.slice(0, index).some((one) => one.receiver?.id === receiver?.id),
  );
  const edits = removed.flatMap(({ receiver, start }): TextEdit[] => {
    const inner = receiver === null ? null : trackedReceiver(receiver, module.pack.rules);
    if (receiver === null || inner === null) return [];
    const offset = sectionOffset(module, receiver, start);
    return [
      { start: receiver.startIndex + offset, end: inner.startIndex + offset, text: "" },
      { start: inner.endIndex + offset, end: receiver.endIndex + offset, text: "" },
    ];
  });
  // Its import, and one name for each call whose tracking goes.
  const isLast = namesOf(module).length === edits.length / 2 + 1;
  return [...edits, ...(edits.length > 0 && isLast ? removeImport(module, text, tracker) : [])].sort(
    (a, b) => a.start - b.start,
  );
}

/** What lies between offsets of a section's tree and of the file: sections of broken code start later. */
function sectionOffset(module: ParsedModule, node: Node, callStart: number): number {
  const section = [...module.sections, ...module.salvaged].find(
    ({ root }) => root.tree === node.tree && root.id === rootOf(node).id,
  );
  return section?.start ?? callStart - node.startIndex;
}

function rootOf(node: Node): Node {
  let at = node;
  while (at.parent !== null) at = at.parent;
  return at;
}
