import { type Unit, counted, exactText, figureText, units } from "../core/figures";
import type { Column, Selection, Table } from "../core/insight/insight";
import { csvOf } from "./csv";
import { filterTo, send } from "./host";
import { IconButton } from "./Icon";
import { Sparkline } from "./Sparkline";
import { readTheme } from "./theme";
import { fullTimeText } from "./times";
import { TraceLink } from "./TraceLink";
import { useRemembered } from "./useRemembered";

/** Rows that are shown at once; the search finds the others. */
const MAX_ROWS = 60;

/** A table of figures: searchable, and a click on a name filters everything to it. */
export function TablePanel({ table, selection }: { table: Table; selection: Selection }) {
  const [searches, setSearches] = useRemembered("searches");
  const search = searches[table.id] ?? "";
  const found = table.rows.filter(({ cells }) =>
    cells.some((cell) => typeof cell === "string" && cell.toLowerCase().includes(search.toLowerCase())),
  );
  return (
    <section class="panel wide" data-panel={table.id} aria-label={table.title}>
      <header>
        <h2>{table.title}</h2>
        {table.rows.length > 8 || search !== "" ? (
          <input
            type="search"
            class="search"
            placeholder={`Search ${counted(table.rows.length, "row")}`}
            aria-label={`Search “${table.title}”`}
            value={search}
            onInput={({ currentTarget: { value } }) => setSearches({ ...searches, [table.id]: value })}
          />
        ) : null}
        <IconButton
          icon="copy"
          label={`Copy “${table.title}” as CSV`}
          onClick={() => send({ kind: "copy", what: table.title, text: csvOf(table) })}
        />
        <IconButton
          icon="save"
          label={`Save “${table.title}” as CSV`}
          onClick={() => send({ kind: "save", name: table.id, format: "csv", content: csvOf(table) })}
        />
      </header>
      {found.length === 0 ? (
        <p class="nothing">{search === "" ? "No data in this range." : "No row matches the search."}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={`${table.title}, ${counted(found.length, "row")}`}>
          <table>
            <thead>
              <tr>
                {table.columns.map(({ title, unit }) => (
                  <th scope="col" class={isFigure(unit) ? "number" : ""} key={title}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {found.slice(0, MAX_ROWS).map((row, index) => (
                <Row
                  key={row.trace?.id ?? row.target?.value ?? `row ${index}`}
                  table={table}
                  row={row}
                  selection={selection}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.length > MAX_ROWS ? (
        <p class="faint note">
          Showing the first {MAX_ROWS} of {found.length} rows; search to find others.
        </p>
      ) : null}
      {table.note === null ? null : <p class="faint note">{table.note}</p>}
    </section>
  );
}

const isFigure = (unit: Column["unit"]): unit is Unit => units.some((one) => one === unit);

interface RowProps {
  table: Table;
  row: Table["rows"][number];
  selection: Selection;
}

const Row = ({ table, row, selection }: RowProps) => (
  <tr>
    {table.columns.map(({ title, unit }, index) => (
      <Cell key={title} unit={unit} value={row.cells[index] ?? null} row={row} selection={selection} />
    ))}
  </tr>
);

interface CellProps {
  unit: Column["unit"];
  value: RowProps["row"]["cells"][number];
  row: RowProps["row"];
  selection: Selection;
}

function Cell({ unit, value, row: { target, trace }, selection }: CellProps) {
  if (Array.isArray(value))
    return (
      <td>
        <Sparkline values={value} color={readTheme().series[0] ?? ""} />
      </td>
    );
  const name = <span class="name">{value}</span>;
  switch (unit) {
    case "trend":
      return <td />;
    case "time":
      return <td>{typeof value === "number" ? fullTimeText(value) : "–"}</td>;
    case "text":
      return <td>{name}</td>;
    case "trace":
      return <td>{trace === null ? name : <TraceLink traceId={trace.id} startMs={trace.startMs} />}</td>;
    case "name":
      return (
        <th scope="row">
          {target === null ? (
            name
          ) : (
            <button
              type="button"
              class="link"
              title={`Filter to ${String(value)}`}
              onClick={() => filterTo(selection, target)}
            >
              {name}
            </button>
          )}
        </th>
      );
    default:
      return typeof value === "string" ? (
        <td>{name}</td>
      ) : (
        <td class="number" title={exactText(value, unit)} data-value={value ?? ""}>
          {figureText(value, unit)}
        </td>
      );
  }
}
