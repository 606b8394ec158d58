import * as vscode from "vscode";
import { Feed, type FeedState } from "../../core/insight/feed";
import type { Insight, Selection } from "../../core/insight/insight";
import { type Options, optionsOf } from "../../core/insight/options";
import { receiverText } from "../../core/telemetry/sourceStatus";
import type { FromView, ToView } from "../../webview/viewProtocol";
import type { Log } from "../log";
import { readTelemetrySettings } from "../settings";
import { sourceInUse } from "../telemetry/savedConnections";
import type { TelemetryWorker } from "../telemetry/telemetryWorker";

/** Milliseconds between refreshes of a local range that ends now; new spans are announced at once. */
const LOCAL_EVERY = 10_000;
/** The least between two refreshes that new spans cause. */
const LEAST = 500;
/** The longest pause after failures. */
const MOST = 300_000;

export interface SpendContext {
  context: vscode.ExtensionContext;
  telemetry: TelemetryWorker;
  log: Log;
  /** Does what a button of a view asks for. */
  act: (message: Exclude<FromView, { kind: "ready" | "select" | "refresh" }>, selection: Selection) => Promise<void>;
  /** Called with whether a view is visible, and which. */
  onVisible: (view: SpendView, isVisible: boolean) => void;
}

const noOptions: Options = optionsOf(() => []);

/** One view of spend: a feed that keeps it fresh, and the webview that draws what the feed says. */
export class SpendView implements vscode.Disposable {
  private readonly feed: Feed;
  private readonly disposables: vscode.Disposable[] = [];
  private isReady = false;

  constructor(
    private readonly webview: vscode.Webview,
    private readonly spend: SpendContext,
    private readonly name: "sidebar" | "dashboard",
    usual: Selection,
  ) {
    const { context, telemetry } = spend;
    this.feed = new Feed(
      context.workspaceState.get<Selection>(this.key("selection")) ?? usual,
      (selection, signal) => this.ask(selection, signal),
      () => this.publish(),
      {
        everyMs: () => (sourceInUse(context).isLocal ? LOCAL_EVERY : readTelemetrySettings().refreshSeconds * 1000),
        leastMs: LEAST,
        mostMs: MOST,
      },
    );
    this.disposables.push(
      webview.onDidReceiveMessage((message: unknown) => void this.receive(message)),
      telemetry.onDidReceiveSpans(() => this.feed.changed()),
      telemetry.onDidChangeSource(() => this.feed.reset()),
      telemetry.onDidChange(() => this.publish()),
      telemetry.onDidChangePrices(() => this.feed.refresh()),
    );
  }

  private key(what: string): string {
    return `promptCost.${what}.${this.name}`;
  }

  show(isVisible: boolean): void {
    this.spend.onVisible(this, isVisible);
    this.feed.show(isVisible);
  }

  refresh(): void {
    this.feed.refresh();
  }

  private async ask(selection: Selection, signal: AbortSignal): Promise<Insight> {
    const insight = await this.spend.telemetry.insight(selection, signal);
    this.keepOptions(insight);
    return insight;
  }

  private get options(): Options {
    return this.spend.context.workspaceState.get<Options>(this.key("options")) ?? noOptions;
  }

  /** A filtered answer knows only the values that are left: the others were seen before. */
  private keepOptions({ options, selection }: Insight): void {
    const known = this.options;
    const join = (name: keyof Options): (string | null)[] =>
      selection.filters.length === 0 ? options[name] : [...new Set([...known[name], ...options[name]])];
    void this.spend.context.workspaceState.update(this.key("options"), optionsOf(join));
  }

  private async receive(value: unknown): Promise<void> {
    const { fromView } = await import("../../webview/viewProtocol");
    const parsed = fromView.safeParse(value);
    if (!parsed.success)
      return this.spend.log.error(
        `the ${this.name} sent an unexpected message: ${parsed.error.issues[0]?.message ?? ""}`,
      );
    const message = parsed.data;
    if (message.kind === "ready") {
      this.isReady = true;
      this.publish();
    } else if (message.kind === "refresh") {
      this.feed.refresh();
    } else if (message.kind === "select") {
      await this.spend.context.workspaceState.update(this.key("selection"), message.selection);
      this.feed.select(message.selection);
    } else {
      await this.spend.act(message, this.feed.current.selection);
    }
  }

  private publish(): void {
    if (!this.isReady) return;
    const state: FeedState = this.feed.current;
    const message: ToView = { kind: "state", state: { ...state, source: this.source(), options: this.options } };
    void this.webview.postMessage(message);
  }

  private source(): ToView["state"]["source"] {
    const { port } = readTelemetrySettings();
    const { name, label, isLocal, links } = sourceInUse(this.spend.context);
    return {
      name,
      label,
      isLocal,
      hasTraces: links !== null,
      receiver: isLocal ? receiverText(this.spend.telemetry.state?.receiver) : null,
      endpoint: `http://127.0.0.1:${port}`,
    };
  }

  dispose(): void {
    this.show(false);
    this.feed.dispose();
    vscode.Disposable.from(...this.disposables).dispose();
  }
}
