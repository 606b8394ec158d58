import * as vscode from "vscode";
import { activationEvents } from "../../package.json";
import { LONGEST_CODE } from "../core/calls/files";
import { inWords } from "../core/failure";
import type { Estimates } from "../worker/protocol";
import type { Log } from "./log";
import type { WorkerEnd } from "../worker/rpc/thread";
import { watchdogTimes } from "../worker/rpc/watchdog";
import type { EstimateWorker } from "./estimateWorker";
import { SetAside, setAsideWords } from "./setAside";

/** The languages that it is activated by. The packs of languages would be too much to load for their names. */
const languages = activationEvents.flatMap((event) => /^onLanguage:(.+)$/.exec(event)?.[1] ?? []);

/** Where hints are shown; cells of notebooks are not yet. */
export const documentSelector: vscode.DocumentSelector = languages.flatMap((language) => [
  { language, scheme: "file" },
  { language, scheme: "untitled" },
  { language, scheme: "vscode-remote" },
  { language, scheme: "vscode-vfs" },
]);

/** Longest wait for an answer (ms). */
const PATIENCE = 10_000;

/** What the worker was sent last of a document. */
interface Sent {
  version: number;
  /** Whether the worker has its text: it was set aside, or is too long, otherwise. */
  isHeld: boolean;
}

/** The estimates of open documents: sends their texts and changes to the worker and keeps its newest answers. */
export class EstimateStore implements vscode.Disposable {
  private readonly known = new Map<string, Estimates>();
  private readonly sent = new Map<string, Sent>();
  private readonly setAside = new SetAside();
  /** What is said of documents that are set aside, by the version that it is about. */
  private readonly notices = new Map<string, { version: number; words: string }>();
  private readonly retries = new Map<string, NodeJS.Timeout>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly gaveUp = new vscode.EventEmitter<string>();
  private readonly subscriptions: vscode.Disposable[];
  /** Fires with the document whose estimates are new. */
  readonly onDidChange = this.changed.event;
  /** Fires with what to say when the analysis of a document has ended the worker. */
  readonly onDidSetAside = this.gaveUp.event;

  constructor(
    private readonly worker: EstimateWorker,
    private readonly log: Pick<Log, "info" | "error">,
  ) {
    this.subscriptions = [
      worker.onMessage((message) => {
        if (message.kind === "estimates") this.take(message);
        else if (message.kind === "lacking") this.sendAgain(message.uri);
      }),
      worker.onDidStart(() => this.sendAll()),
      worker.onDidEnd((end) => this.lost(end)),
      worker.onDidChangeHealth(() => {
        for (const uri of this.sent.keys()) this.changed.fire(vscode.Uri.parse(uri));
      }),
      vscode.workspace.onDidChangeTextDocument((event) => this.sendChanges(event)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.close(uri.toString())),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.sendRoots()),
    ];
  }

  /** Why the document is not analysed as it is now; undefined where it is. */
  noticeOf(document: vscode.TextDocument): string | undefined {
    const { health } = this.worker;
    if (health.kind === "stopped" && isSupported(document)) return inWords(health.failure);
    const notice = this.notices.get(document.uri.toString());
    return notice?.version === document.version ? notice.words : undefined;
  }

  /** Analyses again what was set aside. */
  tryAgain(): void {
    this.setAside.clear();
    this.notices.clear();
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
    if (this.noticeOf(document) !== undefined) return undefined;
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        for (const one of waiting) one?.dispose();
        resolve(isReady() ? this.peek(document) : undefined);
      };
      const timer = setTimeout(finish, PATIENCE);
      const waiting = [
        this.onDidChange((uri) => {
          if (uri.toString() !== document.uri.toString()) return;
          if (isReady() || this.noticeOf(document) !== undefined) finish();
        }),
        token?.onCancellationRequested(finish),
      ];
    });
  }

  /** Sends a document's text where the worker has an older one, or none. */
  send(document: vscode.TextDocument): void {
    if (!isSupported(document) || document.isClosed) return;
    const uri = document.uri.toString();
    if (this.sent.get(uri)?.version === document.version || !this.mayBeSent(document)) return;
    const isHeld = lengthOf(document) <= LONGEST_CODE;
    this.sent.set(uri, { version: document.version, isHeld });
    this.worker.send({
      kind: "document",
      uri,
      version: document.version,
      languageId: document.languageId,
      file: pathOf(document.uri),
      text: isHeld ? document.getText() : null,
    });
  }

  /** Sends what has changed, where the worker has the text that it changed in; else all of it. */
  private sendChanges({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const uri = document.uri.toString();
    const before = this.sent.get(uri);
    if (before === undefined || before.version === document.version) return;
    const length = lengthOf(document);
    // Where only the line ends have changed, VS Code reports no changes.
    if (!before.isHeld || length > LONGEST_CODE || contentChanges.length === 0) return this.send(document);
    if (!this.mayBeSent(document)) return;
    const { version } = document;
    this.sent.set(uri, { version, isHeld: true });
    const changes = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
      start: rangeOffset,
      end: rangeOffset + rangeLength,
      text,
    }));
    this.worker.send({ kind: "edited", uri, before: before.version, version, changes, length });
  }

  /** Not a text over which the worker came to its end; that is said instead. */
  private mayBeSent(document: vscode.TextDocument): boolean {
    const uri = document.uri.toString();
    const verdict = this.setAside.sends(uri, () => document.getText());
    if (verdict.kind === "set aside") {
      this.sent.set(uri, { version: document.version, isHeld: false });
      this.putAside(document, verdict);
      return false;
    }
    this.notices.delete(uri);
    return true;
  }

  private sendAgain(uri: string): void {
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
    if (document === undefined || !this.sent.delete(uri)) return;
    this.send(document);
  }

  /** A new worker gets every document that the one before it knew, and the visible ones. */
  private sendAll(): void {
    this.sendRoots();
    const known = new Set(this.sent.keys());
    this.sent.clear();
    const shown = vscode.window.visibleTextEditors.map(({ document }) => document);
    const open = vscode.workspace.textDocuments.filter(({ uri }) => known.has(uri.toString()));
    for (const document of new Set([...shown, ...open])) this.send(document);
  }

  /** The worker is no more; where it was over a version of a document, that text isn't sent again. */
  private lost({ subject, why }: WorkerEnd): void {
    if (subject === null || !("uri" in subject)) return;
    const { uri, version, fingerprint } = subject;
    this.setAside.ended(uri, fingerprint, why);
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
    // A newer text is tried as the next worker starts.
    if (document?.version !== version) return;
    const verdict = this.setAside.sends(uri, () => document.getText());
    if (verdict.kind === "try") return;
    const words = this.putAside(document, verdict);
    this.log.error(words);
    // Not with every key that is typed: the status bar goes on saying it.
    if (verdict.inARow === 1 || verdict.waitMs > 0) this.gaveUp.fire(words);
  }

  private putAside(document: vscode.TextDocument, verdict: Parameters<typeof setAsideWords>[1]): string {
    const uri = document.uri.toString();
    const words = setAsideWords(nameOf(document.uri), verdict, watchdogTimes.silenceMs / 1000);
    this.notices.set(uri, { version: document.version, words });
    // What was true of another text would look as if it were true of this one.
    this.known.delete(uri);
    this.changed.fire(document.uri);
    clearTimeout(this.retries.get(uri));
    if (verdict.waitMs === 0) return words;
    const retry = (): void => {
      this.sent.delete(uri);
      this.send(document);
    };
    this.retries.set(uri, setTimeout(retry, verdict.waitMs + 50));
    return words;
  }

  private sendRoots(): void {
    const roots = (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => pathOf(uri) ?? []);
    this.worker.send({ kind: "roots", roots });
  }

  private take(estimates: Estimates): void {
    if (!this.sent.has(estimates.uri)) return;
    this.known.set(estimates.uri, estimates);
    this.setAside.analysed(estimates.uri);
    if (estimates.reason !== null)
      this.log.info(`no hints in ${vscode.Uri.parse(estimates.uri).path}: ${estimates.reason}`);
    this.changed.fire(vscode.Uri.parse(estimates.uri));
  }

  private close(uri: string): void {
    if (!this.sent.delete(uri)) return;
    this.known.delete(uri);
    this.notices.delete(uri);
    clearTimeout(this.retries.get(uri));
    this.retries.delete(uri);
    this.worker.send({ kind: "closed", uri });
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
    for (const timer of this.retries.values()) clearTimeout(timer);
    this.changed.dispose();
    this.gaveUp.dispose();
  }
}

/** The length of a document's text (UTF-16 units), which isn't put together for that. */
const lengthOf = (document: vscode.TextDocument): number =>
  document.offsetAt(document.lineAt(document.lineCount - 1).range.end);

const nameOf = (uri: vscode.Uri): string => vscode.workspace.asRelativePath(uri);

export const isSupported = (document: vscode.TextDocument): boolean =>
  languages.includes(document.languageId) &&
  document.uri.scheme !== "vscode-notebook-cell" &&
  document.uri.scheme !== "git" &&
  document.uri.scheme !== "output";

/** The path of a file that the worker can read; null for files on other systems. */
export const pathOf = (uri: vscode.Uri): string | null => (uri.scheme === "file" ? uri.fsPath : null);
