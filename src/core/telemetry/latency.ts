/**
 * Times are counted in steps that grow by 5 %, so that the answers of servers and of days can be added up, and
 * percentiles come within 2.5 %.
 */
export const STEP_GROWTH = 1.05;

/** Steps that are told apart: the last one begins at some days. */
export const MOST_STEPS = 400;

/** The step that a time falls in; times under 1 millisecond share the first. */
export const stepOf = (us: number): number =>
  us <= 1000 ? 0 : Math.min(MOST_STEPS - 1, Math.floor(Math.log(us / 1000) / Math.log(STEP_GROWTH)) + 1);

/** The middle of a step, in microseconds. */
export const middleOf = (step: number): number => (step <= 0 ? 1000 : 1000 * STEP_GROWTH ** (step - 0.5));

/**
 * The time under which a share of the calls stays, in microseconds; null without calls.
 * @param share 0.5 for the median, 0.95 for p95.
 */
export function percentile(steps: Iterable<{ step: number; calls: number }>, share: number): number | null {
  const sorted = [...steps].sort((a, b) => a.step - b.step);
  const all = sorted.reduce((sum, { calls }) => sum + calls, 0);
  let seen = 0;
  for (const { step, calls } of sorted) {
    seen += calls;
    if (seen >= share * all - 1e-9 && calls > 0) return middleOf(step);
  }
  return null;
}
