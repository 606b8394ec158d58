import { useRef } from "preact/hooks";
import { exactText, figureText, shareText } from "../core/figures";
import type { Chart, Member, Selection } from "../core/insight/insight";
import { ChartCanvas } from "./ChartCanvas";
import { csvOf } from "./csv";
import { pictureOf } from "./drawChart";
import { filterTo, send } from "./host";
import { IconButton } from "./Icon";
import { colorOf, readTheme } from "./theme";
import { axisLabels, bucketText } from "./times";
import { useRemembered } from "./useRemembered";

interface ChartPanelProps {
  chart: Chart;
  selection: Selection;
}

/** A chart with its title, legend, table view, and ways out: CSV and PNG. */
export function ChartPanel({ chart, selection }: ChartPanelProps) {
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const [tables, setTables] = useRemembered("tables");
  const [hidden, setHidden] = useRemembered("hidden");
  const isTable = tables.includes(chart.id);
  const off = hidden[chart.id] ?? [];
  const hasFigures = chart.series.some(({ values }) => values.some((value) => value !== null && value !== 0));
  const toggle = (id: string): void =>
    setHidden({ ...hidden, [chart.id]: off.includes(id) ? off.filter((one) => one !== id) : [...off, id] });
  return (
    <section class={`panel ${chart.isWide ? "wide" : ""}`} data-panel={chart.id} aria-label={chart.title}>
      <header>
        <h2>{chart.title}</h2>
        <span class="faint">{bucketText(chart.axis)}</span>
        <IconButton
          icon="table"
          label={`Show “${chart.title}” as a table`}
          isPressed={isTable}
          onClick={() => setTables(isTable ? tables.filter((id) => id !== chart.id) : [...tables, chart.id])}
        />
        <IconButton
          icon="copy"
          label={`Copy “${chart.title}” as CSV`}
          onClick={() => send({ kind: "copy", what: chart.title, text: csvOf(chart) })}
        />
        <IconButton
          icon="save"
          label={`Save “${chart.title}” as CSV`}
          onClick={() => send({ kind: "save", name: chart.id, format: "csv", content: csvOf(chart) })}
        />
        {isTable || !hasFigures ? null : (
          <IconButton
            icon="device-camera"
            label={`Save “${chart.title}” as PNG`}
            onClick={() =>
              canvas.current !== null &&
              send({
                kind: "save",
                name: chart.id,
                format: "png",
                content: pictureOf(canvas.current, readTheme().background),
              })
            }
          />
        )}
      </header>
      {!hasFigures ? (
        <p class="nothing">No data in this range.</p>
      ) : isTable ? (
        <ChartTable chart={chart} />
      ) : (
        <div class={chart.form === "pie" ? "pie" : ""}>
          <ChartCanvas
            chart={chart}
            selection={selection}
            hidden={off}
            onCanvas={(element) => (canvas.current = element)}
          />
          <Legend chart={chart} selection={selection} off={off} onToggle={toggle} />
        </div>
      )}
      {chart.note === null ? null : <p class="faint note">{chart.note}</p>}
    </section>
  );
}

/** What the colours mean. A click hides or shows a series; the funnel of a slice or a line filters to it. */
function Legend({
  chart,
  selection,
  off,
  onToggle,
}: ChartPanelProps & { off: readonly string[]; onToggle: (id: string) => void }) {
  const theme = readTheme();
  const isPie = chart.form === "pie";
  const values = chart.series[0]?.values ?? [];
  const all = values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const items: (Member & { value: number | null })[] =
    isPie && chart.axis.kind === "members"
      ? chart.axis.members.map((member, at) => ({ ...member, value: values[at] ?? 0 }))
      : chart.series.map((series) => ({ ...series, value: null }));
  if (items.length < 2 && !isPie) return null;
  return (
    <ul class="legend">
      {items.map(({ id, name, role, target, value }, index) => (
        <li key={id}>
          <button
            type="button"
            aria-pressed={!off.includes(id)}
            title={off.includes(id) ? `Show ${name}` : `Hide ${name}`}
            onClick={() => onToggle(id)}
          >
            <span class="swatch" style={{ background: colorOf(theme, index, role) }} />
            <span class="name">{name}</span>
          </button>
          {value === null ? null : (
            <span class="share" title={exactText(value, chart.unit)}>
              {shareText(all === 0 ? 0 : value / all)}
            </span>
          )}
          {target === null ? null : (
            <IconButton icon="filter" label={`Filter to ${name}`} onClick={() => filterTo(selection, target)} />
          )}
        </li>
      ))}
    </ul>
  );
}

const ChartTable = ({ chart: { title, axis, series, unit } }: { chart: Chart }) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
    <table>
      <thead>
        <tr>
          <th scope="col">{axis.kind === "time" ? "Time" : "Name"}</th>
          {series.map(({ id, name }) => (
            <th scope="col" class="number" key={id}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {axisLabels(axis).map((label, at) => (
          <tr key={axis.kind === "time" ? axis.times[at] : axis.members[at]?.id}>
            <th scope="row">{label}</th>
            {series.map(({ id, values }) => (
              <td class="number" key={id} title={exactText(values[at] ?? null, unit)} data-value={values[at] ?? ""}>
                {figureText(values[at] ?? null, unit)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
