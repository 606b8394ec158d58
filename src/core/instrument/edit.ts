import type { Node } from "web-tree-sitter";
import { Evaluator } from "../calls/evaluate";
import { type FoundCall, findCalls } from "../calls/finder";
import { type ParsedModule, endOf, startOf } from "../calls/module";
import type { Modules } from "../calls/modules";
import { TRACKER, receiverOf, trackedReceiver, trackingOf } from "../calls/tracking";
import { addImport, removeImport } from "./imports";

/** A change of a text: what stands from `start` to `end` (UTF-16 units) becomes `text`. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

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
  return findCalls(module, new Evaluator(modules)).map((call) => describe(call));
}

function describe(call: FoundCall): TrackableCall {
  const { node, place } = call;
  const receiver = receiverOf(node);
  const tracking = trackingOf(node);
  return {
    api: call.name,
    start: startOf(node, place),
    end: endOf(node, place),
    receiver,
    feature: tracking?.feature ?? null,
    isTracked: tracking !== null,
    suggestion: suggest(call),
    userIds: userIdsNear(node),
    refusal: tracking !== null ? null : refusalOf(call, receiver),
  };
}

function refusalOf({ name, place }: FoundCall, receiver: Node | null): string | null {
  if (receiver === null) return "its method is kept in a variable; call it on the client to track it";
  if (/^(ChatCompletion|Completion|Embedding)\./.test(name)) return "it is of the openai package before version 1, which has no client to track";
  if (/\?\./.test(receiver.text) || receiver.parent?.text.slice(receiver.text.length).startsWith("?.") === true) return "its client may be missing (?.)";
  if (receiver.text.includes("with_streaming_response")) return "with_streaming_response hands the bare body to its caller: nothing of it can be read";
  // Broken code is parsed in parts: nothing is written into it.
  if (place.module.sections.length > 1 || place.module.sections.some(({ root }) => root.hasError)) return "its file has syntax errors";
  return null;
}

const named = /^(function_definition|function_declaration|generator_function_declaration|method_definition|class_definition|class_declaration|variable_declarator)$/;

/** The name of the function around the call, else of the class, else of the file. */
function suggest({ node, place }: FoundCall): string {
  for (let at = node.parent; at !== null; at = at.parent) {
    if (!named.test(at.type)) continue;
    if (at.type === "variable_declarator" && !/^(arrow_function|function_expression)$/.test(at.childForFieldName("value")?.type ?? "")) continue;
    const name = at.childForFieldName("name")?.text.replace(/^_+/, "") ?? "";
    if (/^\w+$/.test(name) && !/^(main|run|init|constructor|call|handler)$/.test(name)) return name;
  }
  return place.module.file?.split(/[\\/]/).at(-1)?.replace(/\.\w+$/, "") ?? "feature";
}

const userNames = /(?<![\w.])(?:user_id|userId|user\.id|current_user\.id|currentUser\.id|session\.(?:user_id|userId)|req\.user\.id|request\.user\.id)\b(?!\s*[=:(])|(?<=[(,]\s*)(?:user_id|userId)(?=\s*[:,)=?])/g;

/** What looks like the user's id in the function around the call. */
function userIdsNear(node: Node): string[] {
  for (let at = node.parent; at !== null; at = at.parent) {
    if (/function|method/.test(at.type)) return [...new Set(at.text.slice(0, node.endIndex - at.startIndex).match(userNames) ?? [])];
  }
  return [];
}

export interface Attribution {
  feature: string;
  /** An expression in scope, as it is written; null without a user. */
  userId: string | null;
  /** As the workspace's settings have them; null leaves them to the environment of the running program. */
  team: string | null;
  environment: string | null;
}

/** Where a text's tracker is imported from. */
export interface Tracker {
  /** `prompt_cost`, `./promptCost.js`. */
  module: string;
  style: "python" | "esm" | "commonjs";
}

/**
 * Tracks calls: the receiver is wrapped, and the import added in the file's own place. Everything else stays as it
 * is, to the byte. Calls that are tracked already, or can't be safely, are left alone.
 */
export function instrument(module: ParsedModule, text: string, calls: readonly { call: TrackableCall; attribution: Attribution }[], tracker: Tracker): TextEdit[] {
  const quote = quoteOf(text);
  const edits = calls.flatMap(({ call, attribution }): TextEdit[] => {
    const { receiver, isTracked, refusal, start } = call;
    if (receiver === null || isTracked || refusal !== null) return [];
    // The receiver begins where the call does, but for parentheses and marks around it.
    const from = receiver.startIndex + sectionOffset(module, receiver, start);
    const to = from + receiver.text.length;
    return [
      { start: from, end: from, text: `${TRACKER}(` },
      { start: to, end: to, text: `${attributionText(attribution, tracker.style, quote)})` },
    ];
  });
  return edits.length === 0 ? [] : [...addImport(module, text, tracker), ...edits].sort((a, b) => a.start - b.start);
}

function attributionText({ feature, userId, team, environment }: Attribution, style: Tracker["style"], quote: string): string {
  const text = (value: string): string => `${quote}${value.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`).replaceAll("\n", "\\n")}${quote}`;
  const given = [["feature", text(feature)], [style === "python" ? "user_id" : "userId", userId], ["team", team === null ? null : text(team)], ["environment", environment === null ? null : text(environment)]].filter((pair): pair is [string, string] => pair[1] !== null);
  if (style === "python") return given.map(([name, value]) => `, ${name}=${value}`).join("");
  return `, { ${given.map(([name, value]) => (name === value ? name : `${name}: ${value}`)).join(", ")} }`;
}

/** Takes the tracking from calls; the import goes with the last of them. */
export function removeTracking(module: ParsedModule, text: string, calls: readonly TrackableCall[], all: readonly TrackableCall[], tracker: Tracker["style"]): TextEdit[] {
  const removed = calls.filter(({ isTracked }) => isTracked);
  const edits = removed.flatMap(({ receiver, start }): TextEdit[] => {
    const inner = receiver === null ? null : trackedReceiver(receiver);
    if (receiver === null || inner === null) return [];
    const offset = sectionOffset(module, receiver, start);
    return [
      { start: receiver.startIndex + offset, end: inner.startIndex + offset, text: "" },
      { start: inner.endIndex + offset, end: receiver.endIndex + offset, text: "" },
    ];
  });
  const isLast = all.every((call) => !call.isTracked || removed.includes(call));
  return [...edits, ...(edits.length > 0 && isLast ? removeImport(module, text, tracker) : [])].sort((a, b) => a.start - b.start);
}

/** What lies between offsets of a section's tree and of the file: sections of broken code start later. */
function sectionOffset(module: ParsedModule, node: Node, callStart: number): number {
  const section = [...module.sections, ...module.salvaged].find(({ root }) => root.tree === node.tree && root.id === rootOf(node).id);
  return section?.start ?? callStart - node.startIndex;
}

function rootOf(node: Node): Node {
  let at = node;
  while (at.parent !== null) at = at.parent;
  return at;
}

/** The quotes that the file uses more often. */
function quoteOf(text: string): string {
  const count = (quote: string): number => text.split(quote).length;
  return count("'") > count('"') ? "'" : '"';
}

/** A text with the edits made. They don't overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}
