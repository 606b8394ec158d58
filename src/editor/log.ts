import * as vscode from "vscode";
import { oneLine } from "../core/text/plain";

/** The output channel, made when it is first needed. Never given text of a prompt. */
export class Log implements vscode.Disposable {
  private channel: vscode.LogOutputChannel | undefined;

  private get output(): vscode.LogOutputChannel {
    this.channel ??= vscode.window.createOutputChannel("Prompt Cost Lens", { log: true });
    return this.channel;
  }

  info(message: string): void {
    this.output.info(oneLine(message));
  }

  error(message: string): void {
    this.output.error(oneLine(message));
  }

  show(): void {
    this.output.show(true);
  }

  dispose(): void {
    this.channel?.dispose();
  }
}
