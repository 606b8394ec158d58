import * as vscode from "vscode";
import { headEnd } from "../core/estimate/callHead";
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
