import type { Assets } from "../core/assets";
import type { Files } from "../core/calls/files";
import { Failure } from "../core/failure";
import { findIn } from "../core/findings/finding";
import { findings } from "../core/findings/registry";
import { Instrumenter, type OpenedFile } from "../core/instrument/instrumenter";
import { knownFeatures } from "../core/instrument/knownFeatures";
import {
  type WrapperSource,
  currentWrapper,
  importsWrapper,
  ownWrappers,
  wrapperFiles,
} from "../core/instrument/wrapperFiles";
import type { PricingTable } from "../core/pricing/table";
import { PRICING_FILE } from "../core/pricing/tableFile";
import { walk } from "../core/scan/walk";
import type { Requests } from "./protocol";
import type { Pause } from "./rpc/turns";
import type { InputOf, OutputOf } from "./rpc/wire";

type Input<M extends keyof Requests> = InputOf<Requests, M>;
type Output<M extends keyof Requests> = Promise<OutputOf<Requests, M>>;

/** Files that are looked at before other work has its turn. */
const AT_ONCE = 50;

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

  async features(pause: Pause): Output<"features"> {
    return knownFeatures(this.files.roots, pause);
  }

  async unused({ root, texts }: Input<"unused">, pause: Pause): Output<"unused"> {
    const textOf = (file: string): string | undefined => texts[file] ?? this.files.read(file, [root]);
    const files = await listed(root, pause);
    const written = ownWrappers(files, root, textOf);
    return written.length === 0 || (await areImported(files, root, textOf, pause)) ? [] : written;
  }

  async wrapper({ file, root, ifImported }: Input<"wrapper">, pause: Pause): Output<"wrapper"> {
    const isWanted =
      ifImported === null || (await areImported(await listed(root, pause), root, (one) => ifImported[one], pause));
    return isWanted ? currentWrapper(file, root, this.sourceOf(root)) : [];
  }

  async wrapperFindings({ file, text, root }: Input<"wrapperFindings">): Output<"wrapperFindings"> {
    const wanted = currentWrapper(file, root, this.sourceOf(root)).find((one) => one.file === file)?.text;
    return wanted === undefined ? [] : findIn("wrapperPrices", { text, wanted }, findings);
  }

  async trackable(input: Input<"trackable">): Output<"trackable"> {
    const nothing = { calls: [], hasErrors: false };
    return this.withFile(input, nothing, ({ calls, hasErrors }) => ({
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
    }));
  }

  async track(input: Input<"track">): Output<"track"> {
    const { root, team, environment, isRemoval } = input;
    return this.withFile(input, { edits: [], files: [] }, (opened) => {
      const chosen = input.chosen.flatMap(({ start, feature, userId }) =>
        opened.calls
          .filter((call) => call.start === start)
          .map((call) => ({ call, attribution: { feature, userId, team, environment } })),
      );
      const edits = isRemoval ? opened.untrack(chosen.map(({ call }) => call)) : opened.track(chosen);
      const files = isRemoval || edits.length === 0 ? [] : wrapperFiles(opened.place, root, this.sourceOf(root));
      return { edits, files };
    });
  }

  private async withFile<T>(
    { file, text, root }: Input<"trackable">,
    nothing: T,
    use: (opened: OpenedFile) => T,
  ): Promise<T> {
    const opened = await this.instrumenter.open(file, text, root);
    if (opened === null) return nothing;
    try {
      return use(opened);
    } finally {
      opened.close();
    }
  }

  private sourceOf(root: string): WrapperSource {
    const table = this.tableOf(root);
    if (table === "broken")
      throw new Failure(
        "pricing-broken",
        `${PRICING_FILE} has a mistake. Nothing was written.`,
        "Fix it first, so that calls are priced by your table.",
      );
    return { dist: this.assets.folder, table, catalogue: this.assets.catalogue };
  }
}

async function listed(root: string, pause: Pause): Promise<string[]> {
  const files: string[] = [];
  for (const file of walk(root, false)) if (files.push(file) % AT_ONCE === 0) await pause();
  return files;
}

async function areImported(
  files: readonly string[],
  root: string,
  textOf: (file: string) => string | undefined,
  pause: Pause,
): Promise<boolean> {
  for (let at = 0; at < files.length; at += AT_ONCE) {
    if (importsWrapper(files.slice(at, at + AT_ONCE), root, textOf)) return true;
    await pause();
  }
  return false;
}
