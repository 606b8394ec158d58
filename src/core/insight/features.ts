import type { Group, Key, SpendCube } from "../telemetry/spend";
import { addAmounts, groupBy, keyText, noAmounts } from "../telemetry/spend";
import type { Cubes } from "./cubes";
import { knownCost, nameOf, overTime, ratio, targetOf } from "./groups";
import type { Feature, Site } from "./insight";
import { Latencies } from "./latencies";

/** Places in the code and models of a feature that are listed. */
const MAX_LISTED = 12;

/** The features by what they spend, with what a row unfolds into. */
export function featuresOf({ feature: cube, pair }: Cubes): Feature[] {
  const groups = groupBy(cube, "feature");
  const all = groups.reduce((sum, { costUsd }) => sum + costUsd, 0);
  const latencies = new Latencies(cube.detail);
  const trends = new Map(
    overTime(cube, "feature", groups.length, ({ costUsd }) => costUsd, groups).map(({ key, values }) => [
      keyText(key),
      values,
    ]),
  );
  const models = modelsByFeature(pair);
  const before = new Map(cube.detail?.before?.map((one) => [keyText(one.feature), one]));
  return groups.map((group) => {
    const id = keyText(group.key);
    const cost = knownCost(group);
    const earlier = before.get(id);
    return {
      id,
      name: nameOf(group.key, "feature"),
      target: targetOf(group.key, "feature"),
      costUsd: cost,
      isLowerBound: group.unpricedCalls > 0,
      isPricedHere: group.pricedHereCalls > 0,
      change: cost === null ? null : change(cost, earlier === undefined ? null : knownCost(earlier)),
      share: cost === null ? null : ratio(cost, all),
      calls: group.calls,
      errors: group.errors,
      p95Ms: latencies.of(group.key, "duration", 0.95),
      trend: trends.get(id) ?? [],
      models: models.get(id) ?? [],
      sites: sitesOf(cube, group.key),
    };
  });
}

/** By how much a figure has grown against the one before; null where there was nothing to compare with. */
export const change = (now: number, before: number | null): number | null =>
  before === null || before === 0 ? null : now / before - 1;

function modelsByFeature(cube: SpendCube): Map<string, Feature["models"]> {
  const features = new Map<string, Map<string, Group>>();
  for (const cell of cube.cells) {
    const feature = keyText(cell.feature);
    let models = features.get(feature);
    if (models === undefined) features.set(feature, (models = new Map()));
    const name = keyText(cell.model);
    let group = models.get(name);
    if (group === undefined) models.set(name, (group = { key: cell.model, ...noAmounts() }));
    addAmounts(group, cell);
  }
  const listed = (models: Map<string, Group>): Feature["models"] =>
    [...models.values()]
      .sort((a, b) => b.costUsd - a.costUsd || b.calls - a.calls)
      .slice(0, MAX_LISTED)
      .map((group) => ({
        name: nameOf(group.key, "model"),
        target: targetOf(group.key, "model"),
        costUsd: knownCost(group),
        calls: group.calls,
      }));
  return new Map([...features].map(([name, models]) => [name, listed(models)]));
}

const sitesOf = (cube: SpendCube, feature: Key): Site[] =>
  (cube.detail?.sites ?? [])
    .filter((site) => site.feature.value === feature.value && site.feature.isRest === feature.isRest)
    .slice(0, MAX_LISTED)
    .map((site) => ({
      file: site.file,
      function: site.function,
      line: site.line,
      calls: site.calls,
      costUsd: knownCost(site),
    }));
