import * as vscode from "vscode";
import { describeEstimate } from "../core/estimate/describe";
import { commandLink, join, markup } from "../core/text/markdown";
import { commands } from "./contributions";
import { type EstimateStore, documentSelector } from "./estimates";
import { markdownString } from "./markdown";

/** The breakdown while the pointer is over a call's head: up to its first bracket, so that arguments keep their own hovers. */
export function registerHover(store: EstimateStore): vscode.Disposable {
  return vscode.languages.registerHoverProvider(documentSelector, {
    async provideHover(document, position, token) {
      const estimates = await store.get(document, token);
      const offset = document.offsetAt(position);
      const text = document.getText();
      const call = estimates?.calls.findLast(({ start, end }) => offset >= start && offset < headEnd(text, start, end));
      if (call === undefined) return undefined;
      const feature = call.tracking?.feature ?? "";
      const link = commandLink("Open the breakdown", commands.showBreakdown, [document.uri.toString(), call.id]);
      const parts = [
        describeEstimate(call.api, call.estimate),
        feature === "" ? markup`` : markup`Tracked as ${feature}`,
        link,
      ];
      const content = markdownString(join(parts, "\n\n"), [commands.showBreakdown]);
      return new vscode.Hover(
        content,
        new vscode.Range(document.positionAt(call.start), document.positionAt(headEnd(text, call.start, call.end))),
      );
    },
  });
}

/** Nobody writes a longer way to a method; arguments may be megabytes. */
const LONGEST_HEAD = 2_000;

function headEnd(text: string, start: number, end: number): number {
  // The callee may have brackets of its own: getClient().chat.completions.create(
  const last = /\b(?:create|acreate|parse|stream)\b["'\]\s]*(?:<[^(]*>)?\s*(?:\?\.)?\(/.exec(
    text.slice(start, Math.min(end, start + LONGEST_HEAD)),
  );
  return last === null ? Math.min(end, start + 200) : start + last.index + last[0].length - 1;
}
