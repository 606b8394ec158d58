import { existsSync } from "node:fs";
import path from "node:path";
import { parse } from "jsonc-parser";
import { z } from "zod";
import { textIfReadable } from "../core/files/readFile";

const setting = z.string().trim().min(1).optional().catch(undefined);
const settings = z
  .object({ "promptCost.tracking.team": setting, "promptCost.tracking.environment": setting })
  .catch({});

/** Team and environment as the nearest `.vscode/settings.json` around a file has them: what VS Code would write too. */
export function readTrackingSettings(file: string): { team: string | null; environment: string | null } {
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    const own = path.join(at, ".vscode", "settings.json");
    const text = existsSync(own) ? textIfReadable(own, [at]) : undefined;
    if (text !== undefined) {
      const read = settings.parse(parse(text));
      return {
        team: read["promptCost.tracking.team"] ?? null,
        environment: read["promptCost.tracking.environment"] ?? null,
      };
    }
    if (path.dirname(at) === at) return { team: null, environment: null };
  }
}
