import { useEffect, useRef } from "preact/hooks";
import type { Chart, Selection } from "../core/insight/insight";
import { type Drawn, drawChart, redraw } from "./drawChart";
import { filterTo, send } from "./host";
import { type Theme, onThemeChange, readTheme } from "./theme";

interface ChartCanvasProps {
  chart: Chart;
  selection: Selection;
  hidden: readonly string[];
  isSmall?: boolean;
  /** Called with the canvas that holds the chart, for saving it as a picture. */
  onCanvas?: (canvas: HTMLCanvasElement | null) => void;
}

/** A drawn chart. A click on a bar, a slice or a line filters everything else to it; a click on a bar of all calls filters to its time. */
export function ChartCanvas({ chart, selection, hidden, isSmall = false, onCanvas }: ChartCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const latest = useRef({ chart, hidden, theme: null as Theme | null });
  latest.current.chart = chart;
  latest.current.hidden = hidden;

  useEffect(() => {
    const { current: element } = canvas;
    if (element === null) return;
    onCanvas?.(element);
    const theme = readTheme();
    latest.current.theme = theme;
    drawn.current = drawChart(element, latest.current.chart, theme, latest.current.hidden, isSmall);
    const stop = onThemeChange(() => {
      latest.current.theme = readTheme();
      if (drawn.current !== null)
        redraw(drawn.current, latest.current.chart, latest.current.theme, latest.current.hidden, isSmall);
    });
    return () => {
      stop();
      onCanvas?.(null);
      drawn.current?.chart.destroy();
      drawn.current = null;
    };
    // Drawn once for a form; new figures are given to what is drawn.
  }, [chart.id, chart.form, isSmall]);

  useEffect(() => {
    if (drawn.current !== null && latest.current.theme !== null)
      redraw(drawn.current, chart, latest.current.theme, hidden, isSmall);
  }, [chart, hidden, isSmall]);

  const click = (event: MouseEvent): void => {
    const hit = drawn.current?.hit(event) ?? null;
    if (hit === null) return;
    const { axis, series } = chart;
    const hitMember = axis.kind === "members" ? axis.members[hit.at] : series[hit.series];
    const target = hitMember?.target ?? null;
    if (target !== null) filterTo(selection, target);
    else if (axis.kind === "time") {
      const fromMs = axis.times[hit.at] ?? 0;
      send({ kind: "select", selection: { ...selection, range: { fromMs, toMs: fromMs + axis.bucketMs } } });
    }
  };
  return (
    <div class={isSmall ? "plot small" : "plot"}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${chart.title}. The same figures are in the table view.`}
        onClick={click}
      />
    </div>
  );
}
