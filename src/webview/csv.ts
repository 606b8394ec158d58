import type { Chart, Panel } from "../core/insight/insight";

/** A panel's figures as a table: a head and rows, in full. Unknown figures are empty. */
export function tableOf(panel: Panel): { head: string[]; rows: (string | number | null)[][] } {
  if (panel.kind === "chart") return chartTable(panel);
  const shown = panel.columns.flatMap(({ unit }, index) => (unit === "trend" ? [] : [index]));
  return {
    head: shown.map((index) => panel.columns[index]?.title ?? ""),
    rows: panel.rows.map(({ cells }) =>
      shown.map((index) => {
        const cell = cells[index] ?? null;
        if (Array.isArray(cell)) return null;
        return panel.columns[index]?.unit === "time" && typeof cell === "number" ? new Date(cell).toISOString() : cell;
      }),
    ),
  };
}

function chartTable({ axis, series, unit }: Chart): { head: string[]; rows: (string | number | null)[][] } {
  const names = axis.kind === "names" ? axis.names : axis.times.map((ms) => new Date(ms).toISOString());
  return {
    head: [axis.kind === "names" ? "Name" : "Time", ...series.map(({ name }) => `${name} (${unit})`)],
    rows: names.map((name, at) => [name, ...series.map(({ values }) => values[at] ?? null)]),
  };
}

/** RFC 4180. Names come from spans: one that a spreadsheet would take for a formula is made text. */
export function csvOf(panel: Panel): string {
  const { head, rows } = tableOf(panel);
  const cell = (value: string | number | null): string => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
