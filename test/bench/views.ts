import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { Assets } from "../../src/core/assets";
import { queryOf, toInsight } from "../../src/core/insight/build";
import type { Insight, Selection } from "../../src/core/insight/insight";
import { PriceBook } from "../../src/core/pricing/price";
import { OwnedStore } from "../../src/core/telemetry/local/ownedStore";
import type { LlmSpan } from "../../src/core/telemetry/llmSpan";
import type { ViewState } from "../../src/webview/viewProtocol";
import { launchBrowser } from "../host/browser";

const DAY = 86_400_000;
const FEATURES = 200;
const MODELS = 20;

export interface ViewFigures {
  /** Milliseconds of the worker, from the question to what is drawn. */
  answer: number[];
  /** Milliseconds in the browser, from the message to the painted view. */
  first: Record<"sidebar" | "dashboard", number>;
  refresh: Record<"sidebar" | "dashboard", number[]>;
  filter: Record<"sidebar" | "dashboard", number[]>;
}

/** A store of 200 features × 30 days × 20 models, two calls of each, drawn in a browser. */
export async function measureViews(dist: string): Promise<ViewFigures> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-views-"));
  const store = new OwnedStore(path.join(folder, "spans.sqlite"));
  const prices = new PriceBook(null, new Assets(dist).catalogue);
  fill(store);
  const answer: number[] = [];
  const insightOf = (filters: Selection["filters"]): Insight => {
    const selection: Selection = { range: { last: "30d" }, filters };
    const started = performance.now();
    const insight = toInsight(
      store.spend(queryOf(selection, Date.now() * 1000), prices),
      prices,
      selection,
      Date.now(),
    );
    answer.push(performance.now() - started);
    return insight;
  };
  const browser = await launchBrowser();
  try {
    const figures: ViewFigures = {
      answer,
      first: { sidebar: 0, dashboard: 0 },
      refresh: { sidebar: [], dashboard: [] },
      filter: { sidebar: [], dashboard: [] },
    };
    for (const view of ["sidebar", "dashboard"] as const) {
      const page = await browser.newPage({
        viewport: view === "sidebar" ? { width: 312, height: 900 } : { width: 1500, height: 1000 },
      });
      await page.setContent(
        `<!DOCTYPE html><html><head><style>${readFileSync(path.join(dist, "webview", "main.css"), "utf8")}</style></head><body data-view="${view}"><div id="root"></div></body></html>`,
      );
      await page.evaluate(
        "globalThis.acquireVsCodeApi = () => ({ postMessage() {}, getState() { return undefined; }, setState() {} })",
      );
      await page.addScriptTag({ content: readFileSync(path.join(dist, "webview", "main.js"), "utf8") });
      figures.first[view] = await paint(page, stateOf(insightOf([])));
      for (let run = 0; run < 10; run++) {
        figures.refresh[view].push(await paint(page, stateOf(insightOf([]))));
        figures.filter[view].push(
          await paint(page, stateOf(insightOf([{ dimension: "model", value: `model-${run}` }]))),
        );
      }
      await page.close();
    }
    return figures;
  } finally {
    await browser.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(store: OwnedStore): void {
  let number = 0;
  for (let day = 0; day < 30; day++) {
    const spans: LlmSpan[] = [];
    for (let feature = 0; feature < FEATURES; feature++) {
      for (let model = 0; model < MODELS; model++) {
        for (let call = 0; call < 2; call++) {
          const hex = (++number).toString(16).padStart(16, "0");
          spans.push({
            traceId: `a${hex.slice(1)}${hex}`,
            spanId: hex,
            parentSpanId: null,
            startUs: (Date.now() - day * DAY - 60_000 - (number % 80_000) * 1000) * 1000,
            durationUs: 500_000 + (number % 977) * 4000,
            model: `model-${model}`,
            provider: "openai",
            feature: `feature ${feature}`,
            team: `team ${feature % 12}`,
            environment: feature % 3 === 0 ? "staging" : "prod",
            user: `user ${number % 5003}`,
            file: `app/${feature}.py`,
            function: "run",
            line: 10,
            service: "bench",
            finishReason: "stop",
            costUsd: 0.001 + (feature % 17) / 1000,
            inputTokens: 1000 + model,
            outputTokens: 100,
            cachedTokens: 256,
            reasoningTokens: 0,
            firstTokenUs: 200_000,
            isError: number % 500 === 0,
            isRateLimited: false,
            isUnpriced: false,
          });
        }
      }
    }
    store.write(spans);
  }
}

const stateOf = (insight: Insight): ViewState => ({
  selection: insight.selection,
  insight,
  failure: null,
  isLoading: false,
  source: {
    name: "the local store",
    label: "Local store",
    isLocal: true,
    hasTraces: false,
    receiver: "receiving on :4318",
    endpoint: "http://127.0.0.1:4318",
  },
  options: insight.options,
});

/** Milliseconds from the message to the frame after it is drawn. */
function paint(page: Page, state: ViewState): Promise<number> {
  return page.evaluate(
    (message) =>
      new Promise<number>((resolve) => {
        const started = performance.now();
        window.addEventListener(
          "message",
          () => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started))),
          { once: true },
        );
        window.postMessage(message, "*");
      }),
    { kind: "state", state },
  );
}
