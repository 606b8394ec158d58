import { useState } from "preact/hooks";
import type { Selection, Target } from "../core/insight/insight";
import { type ListedDimension, listed } from "../core/insight/options";
import { dimensionTable } from "../core/telemetry/dimensions";
import { send } from "./host";
import { Icon } from "./Icon";
import type { ViewState } from "./viewProtocol";

const ranges = {
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
} as const;
const select = (selection: Selection): void => send({ kind: "select", selection });

/** Range and filters. */
export function Controls({ state: { selection, options } }: { state: ViewState }) {
  const { range, filters } = selection;
  const [isOwn, setOwn] = useState(false);
  const shown = isOwn || !("last" in range) ? "own" : range.last;
  return (
    <div class="controls">
      <select
        aria-label="Range"
        value={shown}
        onChange={({ currentTarget: { value } }) => {
          setOwn(value === "own");
          if (value !== "own") select({ ...selection, range: { last: value } });
        }}
      >
        {Object.entries(ranges).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
        {"last" in range && !(range.last in ranges) ? <option value={range.last}>Last {range.last}</option> : null}
        <option value="own">Custom range…</option>
      </select>
      {listed.map((name) => (
        <Filter key={name} name={name} selection={selection} values={options[name]} />
      ))}
      {filters
        .filter(({ dimension }) => !listed.some((name) => name === dimension))
        .map((target) => (
          <Chip key={target.dimension} target={target} selection={selection} />
        ))}
      {shown === "own" ? <OwnRange selection={selection} onDone={() => setOwn(false)} /> : null}
    </div>
  );
}

function Filter({
  name,
  selection,
  values,
}: {
  name: ListedDimension;
  selection: Selection;
  values: readonly (string | null)[];
}) {
  const others = selection.filters.filter(({ dimension }) => dimension !== name);
  const chosen = selection.filters.find(({ dimension }) => dimension === name);
  const listed = chosen !== undefined && !values.includes(chosen.value) ? [...values, chosen.value] : values;
  // Values come from spans: the option holds a number, not the text.
  const at = chosen === undefined ? -1 : listed.indexOf(chosen.value);
  return (
    <select
      aria-label={`Filter by ${name}`}
      value={String(at)}
      onChange={({ currentTarget: { value } }) => {
        const picked = listed[Number(value)];
        select({
          ...selection,
          filters: picked === undefined ? others : [...others, { dimension: name, value: picked }],
        });
      }}
    >
      <option value="-1">{`All ${dimensionTable[name].plural}`}</option>
      {listed.map((value, index) => (
        <option key={value} value={String(index)}>
          {value ?? dimensionTable[name].unset}
        </option>
      ))}
    </select>
  );
}

const Chip = ({ target: { dimension, value }, selection }: { target: Target; selection: Selection }) => (
  <button
    type="button"
    class="chip"
    title={`Stop filtering by ${dimension}`}
    onClick={() => select({ ...selection, filters: selection.filters.filter((one) => one.dimension !== dimension) })}
  >
    <span>
      {dimension}: {value ?? "not set"}
    </span>{" "}
    <Icon name="close" />
  </button>
);

/** A range of one's own, in the person's own zone. */
function OwnRange({ selection, onDone }: { selection: Selection; onDone: () => void }) {
  const { range } = selection;
  const local = (ms: number): string =>
    new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  const [from, setFrom] = useState(local("last" in range ? Date.now() - 86_400_000 : range.fromMs));
  const [to, setTo] = useState(local("last" in range ? Date.now() : range.toMs));
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const isValid = fromMs < toMs;
  return (
    <form
      class="own-range"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isValid) return;
        onDone();
        select({ ...selection, range: { fromMs, toMs } });
      }}
    >
      <label>
        From <input type="datetime-local" value={from} onInput={({ currentTarget: { value } }) => setFrom(value)} />
      </label>
      <label>
        To <input type="datetime-local" value={to} onInput={({ currentTarget: { value } }) => setTo(value)} />
      </label>
      <button type="submit" class="button" disabled={!isValid}>
        Show
      </button>
      {isValid ? null : (
        <p class="problem" role="alert">
          The range must end after it begins.
        </p>
      )}
    </form>
  );
}
