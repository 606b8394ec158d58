import { counted, exactText, figureText } from "../core/figures";
import type { Selection, Table } from "../core/insight/insight";
import { csvOf } from "./csv";
import { filterTo, send } from "./host";
import { IconButton } from "./Icon";
import { Sparkline } from "./Sparkline";
import { readTheme } from "./theme";
import { fullTimeText } from "./times";
import { TraceLink } from "./TraceLink";
import { useRemembered } from "./useRemembered";

/** Rows that are shown at once; the search finds the others. */
const MOST_ROWS = 60;

/** A table of figures: searchable, and a press on a name filters the rest to it. */
export function TablePanel({ table, selection }: { table: Table; selection: Selection }) {
  const [searches, setSearches] = useRemembered("searches");
  const search = searches[table.id] ?? "";
  const found = table.rows.filter(({ cells }) =>
    cells.some((cell) => typeof cell === "string" && cell.toLowerCase().includes(search.toLowerCase())),
  );
  const first = table.columns[0]?.title ?? "";
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
        <p class="nothing">{search === "" ? "Nothing of this in the range." : "No row matches the search."}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={`${table.title}, ${counted(found.length, "row")}`}>
          <table>
            <thead>
              <tr>
                {table.columns.map(({ title, unit }) => (
                  <th
                    scope="col"
                    class={unit === "text" || unit === "time" || unit === "trend" ? "" : "number"}
                    key={title}
                  >
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {found.slice(0, MOST_ROWS).map((row, index) => (
                <Row
                  key={row.traceId ?? row.target?.value ?? `row ${index}`}
                  table={table}
                  row={row}
                  selection={selection}
                  first={first}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.length > MOST_ROWS ? (
        <p class="faint note">
          The first {MOST_ROWS} of {found.length} rows; search for the others.
        </p>
      ) : null}
      {table.note === null ? null : <p class="faint note">{table.note}</p>}
    </section>
  );
}

function Row({
  table,
  row: { target, traceId, cells },
  selection,
  first,
}: {
  table: Table;
  row: Table["rows"][number];
  selection: Selection;
  first: string;
}) {
  return (
    <tr>
      {table.columns.map(({ title, unit }, index) => {
        const cell = cells[index] ?? null;
        if (Array.isArray(cell))
          return (
            <td key={title}>
              <Sparkline values={cell} color={readTheme().series[0] ?? ""} />
            </td>
          );
        if (unit === "trend") return <td key={title} />;
        if (unit === "time") return <td key={title}>{typeof cell === "number" ? fullTimeText(cell) : "–"}</td>;
        if (typeof cell === "string" || unit === "text") {
          if (title === "Trace" && traceId !== null && typeof cell === "string")
            return (
              <td key={title}>
                <TraceLink traceId={traceId} startMs={Number(cells[0])} />
              </td>
            );
          const name = <span class="name">{cell}</span>;
          return index > 0 || title !== first ? (
            <td key={title}>{name}</td>
          ) : (
            <th scope="row" key={title}>
              {target === null ? (
                name
              ) : (
                <button
                  type="button"
                  class="link"
                  title={`Filter to ${String(cell)}`}
                  onClick={() => filterTo(selection, target)}
                >
                  {name}
                </button>
              )}
            </th>
          );
        }
        return (
          <td class="number" key={title} title={exactText(cell, unit)} data-value={cell ?? ""}>
            {figureText(cell, unit)}
          </td>
        );
      })}
    </tr>
  );
}
