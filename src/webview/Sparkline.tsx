/** A trend as a line without axes. */
export function Sparkline({ values, color }: { values: readonly number[]; color: string }) {
  const most = Math.max(...values, 0);
  const step = values.length > 1 ? 48 / (values.length - 1) : 0;
  const points = values
    .map((value, index) => `${(index * step).toFixed(1)},${(15 - (most === 0 ? 0 : (value / most) * 13)).toFixed(1)}`)
    .join(" ");
  return (
    <svg class="sparkline" width="48" height="16" viewBox="0 0 48 16" aria-hidden="true">
      <polyline points={points} fill="none" stroke={color} stroke-width="1.3" />
    </svg>
  );
}
