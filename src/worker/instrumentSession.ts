import type { Assets } from "../core/assets";
import type { Files } from "../core/calls/files";
import { Instrumenter } from "../core/instrument/instrumenter";
import { knownFeatures } from "../core/instrument/knownFeatures";
import {
  type WrapperSource,
  currentWrapper,
  importsWrapper,
  unusedWrappers,
  wrapperFiles,
} from "../core/instrument/wrapperFiles";
import type { PricingTable } from "../core/pricing/table";
import { PRICING_FILE } from "../core/pricing/tableFile";
import { walk } from "../core/scan/walk";
import type { FromWorker, ToWorker } from "./protocol";

type Asked = Extract<ToWorker, { kind: "trackable" | "track" | "wrapper" | "features" | "unused" }>;

/** Answers what "Instrument this call" asks: which calls there are, and what tracks them. */
export class InstrumentSession {
  private readonly instrumenter: Instrumenter;

  /** @param tableOf the pricing table of a workspace folder; "broken" where it has mistakes and no good one is known. */
  constructor(
    private readonly assets: Assets,
    private readonly files: Files,
    private readonly tableOf: (root: string) => PricingTable | null | "broken",
  ) {
    this.instrumenter = new Instrumenter(assets, files);
  }

  async answer(asked: Asked): Promise<FromWorker> {
    try {
      return await this.ask(asked);
    } catch (error) {
      return { kind: "failed", id: asked.id, message: error instanceof Error ? error.message : String(error) };
    }
  }

  private async ask(asked: Asked): Promise<FromWorker> {
    const { id } = asked;
    switch (asked.kind) {
      case "features":
        return { kind: "features", id, features: await knownFeatures(this.files.roots) };
      case "unused":
        return {
          kind: "tracked",
          id,
          edits: [],
          files: unusedWrappers([...walk(asked.root, false)], (file) => asked.texts[file] ?? this.files.read(file)).map(
            (file) => ({ file, text: "" }),
          ),
        };
      case "wrapper": {
        const texts = asked.ifImported;
        const isWanted = texts === null || importsWrapper([...walk(asked.root, false)], (file) => texts[file]);
        return {
          kind: "tracked",
          id,
          edits: [],
          files: isWanted ? currentWrapper(asked.file, asked.root, this.sourceOf(asked.root)) : [],
        };
      }
      case "trackable":
      case "track":
        return this.withFile(asked);
    }
  }

  private async withFile(asked: Extract<Asked, { kind: "trackable" | "track" }>): Promise<FromWorker> {
    const { id, file, root } = asked;
    const opened = await this.instrumenter.open(file, asked.text, root);
    if (opened === null) return { kind: "trackable", id, calls: [], hasErrors: false };
    try {
      const { calls, hasErrors } = opened;
      if (asked.kind === "trackable")
        return {
          kind: "trackable",
          id,
          hasErrors,
          calls: calls.map(({ api, start, end, isTracked, feature, suggestion, userIds, refusal }) => ({
            api,
            start,
            end,
            isTracked,
            feature,
            suggestion,
            userIds,
            refusal,
          })),
        };
      const chosen = asked.chosen.flatMap(({ start, feature, userId }) =>
        calls
          .filter((call) => call.start === start)
          .map((call) => ({
            call,
            attribution: { feature, userId, team: asked.team, environment: asked.environment },
          })),
      );
      const edits = asked.isRemoval ? opened.untrack(chosen.map(({ call }) => call)) : opened.track(chosen);
      return {
        kind: "tracked",
        id,
        edits,
        files: asked.isRemoval || edits.length === 0 ? [] : wrapperFiles(opened.place, root, this.sourceOf(root)),
      };
    } finally {
      opened.close();
    }
  }

  private sourceOf(root: string): WrapperSource {
    const table = this.tableOf(root);
    if (table === "broken")
      throw new Error(
        `${PRICING_FILE} has a mistake: mend it first, so that calls are told at your prices. Nothing was written.`,
      );
    return { dist: this.assets.folder, table, catalogue: this.assets.catalogue };
  }
}
