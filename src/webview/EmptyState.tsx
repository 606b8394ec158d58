import { send } from "./host";
import { Icon } from "./Icon";
import { ActionButton } from "./Notices";
import type { ViewState } from "./viewProtocol";

/** What stands where figures would: why there are none, and what to do next. */
export function EmptyState({ state }: { state: ViewState }) {
  const { insight, failure, source, selection } = state;
  if (failure !== null && insight === null)
    return failure.kind === "no-llm-spans" ? <NoCallsThere state={state} /> : <Failed state={state} />;
  if (insight === null) return <Skeleton />;
  if (selection.filters.length > 0) {
    return (
      <section class="empty" data-empty="filtered">
        <h2>No calls match the filters</h2>
        <p>No call in this range matches all of the filters.</p>
        <button
          type="button"
          class="button"
          onClick={() => send({ kind: "select", selection: { ...selection, filters: [] } })}
        >
          Clear Filters
        </button>
      </section>
    );
  }
  return (
    <section class="empty" data-empty="none">
      <h2>No calls to models in this range</h2>
      {"last" in selection.range && selection.range.last === "30d" ? null : (
        <p>
          <button
            type="button"
            class="link"
            onClick={() => send({ kind: "select", selection: { ...selection, range: { last: "30d" } } })}
          >
            Look at the last 30 days
          </button>
        </p>
      )}
      {source.isLocal ? (
        <HowToSend endpoint={source.endpoint} />
      ) : (
        <p>
          Connected to {source.label}. Instrument a call and run it with its spans sent there, or choose a longer range.
        </p>
      )}
    </section>
  );
}

const HowToSend = ({ endpoint }: { endpoint: string }) => (
  <>
    <p>Spans that your application sends to this machine appear here within two seconds. Run it with</p>
    <pre class="code">OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}</pre>
    <p>
      <button
        type="button"
        class="link"
        onClick={() => send({ kind: "copy", what: "The variable", text: `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}` })}
      >
        Copy
      </button>
    </p>
    <ActionButton action="sample">Send Sample Traffic</ActionButton>
    <p class="faint">Two weeks of simulated calls, marked as such; you can remove them at any time.</p>
    <ActionButton action="connect" isPlain>
      Connect to OpenObserve…
    </ActionButton>
  </>
);

const NoCallsThere = ({ state: { source, failure } }: { state: ViewState }) => (
  <section class="empty" data-empty="no-llm-spans">
    <h2>Connected, but no calls to models yet</h2>
    <p>{failure?.message}</p>
    <p>
      {source.label} answers, and none of its spans has the <code>gen_ai.*</code> attributes that say what a call used.
      Instrument a call and run it with its spans sent there, or connect to another stream.
    </p>
    <ActionButton action="connect">Choose Another Stream…</ActionButton>
    <p>
      <button type="button" class="link" onClick={() => send({ kind: "refresh" })}>
        Look Again
      </button>
    </p>
  </section>
);

const Failed = ({ state: { failure, source } }: { state: ViewState }) => (
  <section class="empty" data-empty="failed" role="alert">
    <h2>
      <Icon name="warning" /> {`${source.name.charAt(0).toUpperCase()}${source.name.slice(1)} can't be read`}
    </h2>
    <p>{failure?.message}</p>
    <p>{failure?.nextStep}</p>
    <button type="button" class="button" onClick={() => send({ kind: "refresh" })}>
      Try Again
    </button>
    <p>
      <ActionButton action="details" isPlain>
        Connection Details
      </ActionButton>{" "}
      ·{" "}
      <ActionButton action="log" isPlain>
        Show Log
      </ActionButton>
    </p>
  </section>
);

const Skeleton = () => (
  <section class="skeleton" data-empty="loading" aria-label="Loading spend" aria-busy="true">
    <div class="tiles">
      {[1, 2, 3, 4].map((one) => (
        <div class="tile" key={one}>
          <span class="bar short" />
          <span class="bar" />
        </div>
      ))}
    </div>
    <span class="bar block" />
    {[1, 2, 3, 4].map((one) => (
      <span class="bar" key={one} />
    ))}
  </section>
);
