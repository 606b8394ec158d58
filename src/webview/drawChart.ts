import {
  ArcElement,
  BarController,
  BarElement,
  CategoryScale,
  Chart as ChartJs,
  type ChartConfiguration,
  type ChartType,
  LineController,
  LineElement,
  LinearScale,
  PieController,
  PointElement,
  Tooltip,
} from "chart.js";
import { axisTexts, exactText, figureText, shareText } from "../core/figures";
import type { Chart } from "../core/insight/insight";
import { type Theme, colorOf } from "./theme";
import { axisLabels, fullTimeText } from "./times";

ChartJs.register(
  ArcElement,
  BarController,
  BarElement,
  CategoryScale,
  LineController,
  LineElement,
  LinearScale,
  PieController,
  PointElement,
  Tooltip,
);

export interface Drawn {
  chart: ChartJs;
  /** Which series and which place on the axis a click hit; null where it hit none. */
  hit: (event: Event) => { series: number; at: number } | null;
}

/** Draws a chart on a canvas, in the theme's colours. `hidden` holds ids of series, or of slices, that are switched off. */
export function drawChart(
  canvas: HTMLCanvasElement,
  chart: Chart,
  theme: Theme,
  hidden: readonly string[],
  isSmall: boolean,
): Drawn {
  const drawn = new ChartJs(canvas, configure(chart, theme, hidden, isSmall));
  return {
    chart: drawn,
    hit: (event) => {
      const [found] = drawn.getElementsAtEventForMode(
        event,
        chart.form === "lines" ? "index" : "nearest",
        { intersect: chart.form !== "lines", axis: "x" },
        false,
      );
      return found === undefined ? null : { series: found.datasetIndex, at: found.index };
    },
  };
}

/** Gives a drawn chart new figures, without starting over. */
export function redraw(
  { chart: drawn }: Drawn,
  chart: Chart,
  theme: Theme,
  hidden: readonly string[],
  isSmall: boolean,
): void {
  const { data, options } = configure(chart, theme, hidden, isSmall);
  drawn.data = data;
  if (options !== undefined) drawn.options = options;
  drawn.update("none");
}

function configure(chart: Chart, theme: Theme, hidden: readonly string[], isSmall: boolean): ChartConfiguration {
  const { form, unit, axis, series } = chart;
  const labels = axisLabels(axis);
  const members = axis.kind === "members" ? axis.members : [];
  const shown =
    axis.kind === "members" ? labels.map((label) => (label.length > 18 ? `${label.slice(0, 17)}…` : label)) : labels;
  const type: ChartType = form === "lines" ? "line" : form === "pie" ? "pie" : "bar";
  const isShown = (id: string | undefined): boolean => id === undefined || !hidden.includes(id);
  const datasets =
    form === "pie"
      ? series.map(({ name, values }) => ({
          label: name,
          data: values.map((value, at) => (isShown(members[at]?.id) ? (value ?? 0) : 0)),
          backgroundColor: members.map(({ role }, at) => colorOf(theme, at, role)),
          borderColor: theme.background,
          borderWidth: 1,
        }))
      : series.map(({ id, name, role, values }, index) => ({
          label: name,
          data: values.map((value) => value ?? Number.NaN),
          hidden: !isShown(id),
          backgroundColor: colorOf(theme, index, role),
          borderColor: form === "lines" ? colorOf(theme, index, role) : theme.background,
          borderWidth: form === "lines" ? 1.6 : form === "stacked" ? 0.5 : 0,
          pointRadius: values.map((value, at) =>
            value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? 2.5 : 0,
          ),
          pointHitRadius: 8,
          spanGaps: false,
          maxBarThickness: 48,
        }));
  const scale = {
    grid: { display: false },
    border: { color: theme.line },
    ticks: {
      color: theme.faint,
      maxRotation: 0,
      autoSkipPadding: isSmall ? 14 : 24,
      font: { size: isSmall ? 10 : 11 },
    },
  };
  return {
    type,
    data: { labels, datasets },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      color: theme.text,
      font: { family: getComputedStyle(document.body).fontFamily },
      interaction: form === "pie" ? { mode: "nearest", intersect: true } : { mode: "index", intersect: false },
      scales:
        form === "pie"
          ? {}
          : {
              x: {
                ...scale,
                stacked: form === "stacked",
                ticks: {
                  ...scale.ticks,
                  ...(axis.kind === "members" ? { autoSkip: false, maxRotation: 45 } : {}),
                  callback: (_value, index) => shown[index] ?? "",
                },
              },
              y: {
                ...scale,
                stacked: form === "stacked",
                beginAtZero: true,
                grid: { color: theme.line },
                border: { display: false },
                ticks: {
                  ...scale.ticks,
                  maxTicksLimit: isSmall ? 3 : 6,
                  callback: (_value, index, ticks) =>
                    axisTexts(
                      ticks.map((tick) => tick.value),
                      unit,
                    )[index] ?? "",
                },
              },
            },
      plugins: {
        tooltip: {
          filter: ({ parsed }) => form === "pie" || (parsed as { y: number | null }).y !== 0,
          callbacks: {
            title: (items) =>
              axis.kind === "time"
                ? fullTimeText(axis.times[items[0]?.dataIndex ?? 0] ?? 0)
                : (labels[items[0]?.dataIndex ?? 0] ?? ""),
            label: ({ dataset, dataIndex, raw }) => {
              const value = typeof raw === "number" ? raw : null;
              if (form !== "pie") return ` ${dataset.label ?? ""}: ${exactText(value, unit)}`;
              const all = dataset.data.reduce<number>((sum, one) => sum + (typeof one === "number" ? one : 0), 0);
              return ` ${labels[dataIndex] ?? ""}: ${figureText(value, unit)} (${shareText(all === 0 || value === null ? 0 : value / all)})`;
            },
          },
        },
      },
    },
  };
}

/** The canvas on the theme's background, as PNG in base64: a picture without one can't be read on every page. */
export function pictureOf(canvas: HTMLCanvasElement, background: string): string {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext("2d");
  if (context === null) return "";
  context.fillStyle = background;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  return copy.toDataURL("image/png").replace(/^data:image\/png;base64,/, "");
}
