import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "jsonc-parser";
import { z } from "zod";

const text = z.string().trim().min(1).optional().catch(undefined);
const settings = z.object({ "promptCost.tracking.team": text, "promptCost.tracking.environment": text }).catch({});

/** Team and environment as the nearest `.vscode/settings.json` around a file has them: what VS Code would write too. */
export function readTrackingSettings(file: string): { team: string | null; environment: string | null } {
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    const own = path.join(at, ".vscode", "settings.json");
    if (existsSync(own)) {
      const read = settings.parse(parse(readFileSync(own, "utf8")));
      return {
        team: read["promptCost.tracking.team"] ?? null,
        environment: read["promptCost.tracking.environment"] ?? null,
      };
    }
    if (path.dirname(at) === at) return { team: null, environment: null };
  }
}
