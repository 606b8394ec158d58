import * as vscode from "vscode";
import { LONGEST_CODE } from "../core/calls/files";
import type { Estimates } from "../worker/protocol";
import type { Log } from "./log";
import type { EstimateWorker } from "./estimateWorker";

const languages = new Set(["python", "typescript", "typescriptreact", "javascript", "javascriptreact"]);

/** Where hints are shown; cells of notebooks are not yet. */
export const documentSelector: vscode.DocumentSelector = [...languages].flatMap((language) => [
  { language, scheme: "file" },
  { language, scheme: "untitled" },
  { language, scheme: "vscode-remote" },
  { language, scheme: "vscode-vfs" },
]);

/** Nobody is kept waiting longer than this for an answer (ms). */
const PATIENCE = 10_000;

/** The estimates of open documents: sends their texts to the worker and keeps its newest answers. */
export class EstimateStore implements vscode.Disposable {
  private readonly known = new Map<string, Estimates>();
  private readonly sent = new Map<string, number>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable[];
  /** Fires with the document whose estimates are new. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly worker: EstimateWorker,
    private readonly log: Log,
  ) {
    this.subscriptions = [
      worker.onMessage((message) => {
        if (message.kind === "estimates") this.take(message);
      }),
      worker.onDidStart(() => {
        this.sendRoots();
        this.sent.clear();
        for (const editor of vscode.window.visibleTextEditors) this.send(editor.document);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.sent.has(document.uri.toString())) this.send(document);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.close(uri.toString())),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.sendRoots()),
    ];
  }

  /** The newest estimates at hand, perhaps of an older version. */
  peek(document: vscode.TextDocument): Estimates | undefined {
    return this.known.get(document.uri.toString());
  }

  /** The estimates of the document as it is now; undefined where it is not looked at, or nobody answers. */
  async get(document: vscode.TextDocument, token?: vscode.CancellationToken): Promise<Estimates | undefined> {
    if (!isSupported(document)) return undefined;
    this.send(document);
    const { version } = document;
    const isReady = (): boolean => (this.peek(document)?.version ?? -1) >= version;
    if (isReady()) return this.peek(document);
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        for (const one of waiting) one?.dispose();
        resolve(isReady() ? this.peek(document) : undefined);
      };
      const timer = setTimeout(finish, PATIENCE);
      const waiting = [
        this.onDidChange((uri) => {
          if (uri.toString() === document.uri.toString() && isReady()) finish();
        }),
        token?.onCancellationRequested(finish),
      ];
    });
  }

  /** Sends a document's text where the worker has an older one, or none. */
  send(document: vscode.TextDocument): void {
    if (!isSupported(document) || document.isClosed) return;
    const uri = document.uri.toString();
    if (this.sent.get(uri) === document.version) return;
    this.sent.set(uri, document.version);
    this.worker.send({
      kind: "document",
      uri,
      version: document.version,
      languageId: document.languageId,
      file: pathOf(document.uri),
      text: shortened(document.getText()),
    });
  }

  private sendRoots(): void {
    const roots = (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => pathOf(uri) ?? []);
    this.worker.send({ kind: "roots", roots });
  }

  private take(estimates: Estimates): void {
    if (!this.sent.has(estimates.uri)) return;
    this.known.set(estimates.uri, estimates);
    if (estimates.reason !== null)
      this.log.info(`no hints in ${vscode.Uri.parse(estimates.uri).path}: ${estimates.reason}`);
    this.changed.fire(vscode.Uri.parse(estimates.uri));
  }

  private close(uri: string): void {
    if (!this.sent.delete(uri)) return;
    this.known.delete(uri);
    this.worker.send({ kind: "closed", uri });
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
    this.changed.dispose();
  }
}

/** Of a text that is too long to be analysed, the worker needs to know just that. */
const shortened = (text: string): string => (text.length > LONGEST_CODE ? text.slice(0, LONGEST_CODE + 1) : text);

export const isSupported = (document: vscode.TextDocument): boolean =>
  languages.has(document.languageId) &&
  document.uri.scheme !== "vscode-notebook-cell" &&
  document.uri.scheme !== "git" &&
  document.uri.scheme !== "output";

/** The path of a file that the worker can read; null for files on other systems. */
export const pathOf = (uri: vscode.Uri): string | null => (uri.scheme === "file" ? uri.fsPath : null);
