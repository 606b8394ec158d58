import * as vscode from "vscode";
import { label } from "../core/text/plain";

/**
 * Everything that the extension says in notifications, dialogs and the status bar's messages. VS Code draws links and
 * icons in them, and most quote names from code, spans or servers: ESLint keeps the editor's own functions to this file.
 * Each gives the button that was pressed; undefined where there is none, or the message was closed.
 */
export const showInformation = (message: string, ...buttons: string[]): Thenable<string | undefined> =>
  vscode.window.showInformationMessage(label(message), ...buttons);

export const showWarning = (message: string, ...buttons: string[]): Thenable<string | undefined> =>
  vscode.window.showWarningMessage(label(message), ...buttons);

export const showError = (message: string, ...buttons: string[]): Thenable<string | undefined> =>
  vscode.window.showErrorMessage(label(message), ...buttons);

/**
 * A dialog that must be answered; closing it is "Cancel", which VS Code adds.
 * @param no a button that Enter takes; without it, Enter takes `yes`.
 */
export const askToConfirm = async (message: string, detail: string, yes: string, no?: string): Promise<boolean> =>
  (await vscode.window.showWarningMessage(
    label(message),
    { modal: true, detail: label(detail) },
    ...(no === undefined ? [yes] : [no, yes]),
  )) === yes;

/** A plain success, in the status bar. @param icon a codicon's name. */
export const showBriefly = (message: string, ms: number, icon?: string): vscode.Disposable =>
  vscode.window.setStatusBarMessage(`${icon === undefined ? "" : `$(${icon}) `}${label(message)}`, ms);
