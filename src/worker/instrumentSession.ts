import type { Assets } from "../core/assets";
import type { Files } from "../core/calls/files";
import { Instrumenter } from "../core/instrument/instrumenter";
import { type WrapperSource, currentWrapper, wrapperFiles } from "../core/instrument/wrapperFiles";
import type { PricingTable } from "../core/pricing/table";
import type { FromWorker, ToWorker } from "./protocol";

type Asked = Extract<ToWorker, { kind: "trackable" | "track" | "wrapper" }>;

/** Answers what "Instrument this call" asks: which calls there are, and what tracks them. */
export class InstrumentSession {
  private readonly instrumenter: Instrumenter;

  constructor(
    private readonly assets: Assets,
    files: Files,
    private readonly tableOf: (root: string) => PricingTable | null,
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
    const { id, file, root } = asked;
    const source: WrapperSource = { dist: this.assets.folder, table: this.tableOf(root), catalogue: this.assets.catalogue };
    if (asked.kind === "wrapper") return { kind: "tracked", id, edits: [], files: currentWrapper(file, root, source) };
    const opened = await this.instrumenter.open(file, asked.text, root);
    if (opened === null) return { kind: "trackable", id, calls: [] };
    try {
      const { calls } = opened;
      if (asked.kind === "trackable") return { kind: "trackable", id, calls: calls.map(({ api, start, end, isTracked, feature, suggestion, userIds, refusal }) => ({ api, start, end, isTracked, feature, suggestion, userIds, refusal })) };
      const chosen = asked.chosen.flatMap(({ start, feature, userId }) => calls.filter((call) => call.start === start).map((call) => ({ call, attribution: { feature, userId, team: asked.team, environment: asked.environment } })));
      const edits = asked.isRemoval ? opened.untrack(chosen.map(({ call }) => call)) : opened.track(chosen);
      return { kind: "tracked", id, edits, files: asked.isRemoval || edits.length === 0 ? [] : wrapperFiles(opened.place, root, source) };
    } finally {
      opened.close();
    }
  }
}
