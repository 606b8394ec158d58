import type { Insight, Selection, Tab } from "../core/insight/insight";
import { type FromView, type ViewState, toView } from "./viewProtocol";

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const vscode = acquireVsCodeApi();

export const send = (message: FromView): void => vscode.postMessage(message);

/** Tells what the extension says, as it says it. What doesn't keep to the protocol is not drawn. */
export function onState(run: (state: ViewState) => void): void {
  window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const parsed = toView.safeParse(data);
    if (parsed.success) run(parsed.data.state);
  });
}

/** What a person has opened, folded and typed: VS Code keeps it while the view is hidden, reloaded or moved. */
export interface Remembered {
  tab: Tab;
  unfolded: string[];
  sort: "cost" | "calls" | "name";
  /** Panels that are shown as tables, and series that are switched off, by panel. */
  tables: string[];
  hidden: Record<string, string[]>;
  searches: Record<string, string>;
  scroll: number;
}

const usual: Remembered = {
  tab: "overview",
  unfolded: [],
  sort: "cost",
  tables: [],
  hidden: {},
  searches: {},
  scroll: 0,
};

export function remembered(): Remembered {
  const state = vscode.getState();
  return typeof state === "object" && state !== null ? { ...usual, ...state } : usual;
}

export const remember = (change: Partial<Remembered>): void => vscode.setState({ ...remembered(), ...change });

/** Selects the values of an insight's selection that a click adds: a dimension has one value at a time. */
export function filterTo(selection: Selection, target: Insight["selection"]["filters"][number]): void {
  send({
    kind: "select",
    selection: {
      ...selection,
      filters: [...selection.filters.filter(({ dimension }) => dimension !== target.dimension), target],
    },
  });
}
