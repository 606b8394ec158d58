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
  const names =
    axis.kind === "members" ? axis.members.map(({ name }) => name) : axis.times.map((ms) => new Date(ms).toISOString());
  return {
    head: [axis.kind === "members" ? "Name" : "Time", ...series.map(({ name }) => `${name} (${unit})`)],
    rows: names.map((name, at) => [name, ...series.map(({ values }) => values[at] ?? null)]),
  };
}

/**
 * What a spreadsheet could take for a formula, also behind spaces and quotes that it drops, and in full-width forms.
 */
const FORMULA = /^[\s"'\u00a0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/**
 * RFC 4180. Names come from spans: one that could be a formula gets an apostrophe before it and quotes around it, as
 * OWASP recommends against CSV injection. Figures are numbers of our own, and stay so below zero. What another country's spreadsheet takes for the end of a cell is quoted too: `a;=1+1` is one name.
 */
export function csvOf(panel: Panel): string {
  const { head, rows } = tableOf(panel);
  const cell = (value: string | number | null): string => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const isFormula = FORMULA.test(value);
    const text = isFormula ? `'${value}` : value;
    return isFormula || /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
