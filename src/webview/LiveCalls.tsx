import { exactText, figureText, msText } from "../core/figures";
import type { Call } from "../core/insight/insight";
import { send } from "./host";
import { clockText, fullTimeText } from "./times";
import { TraceLink } from "./TraceLink";

/** The newest calls, as they come in. */
export const LiveCalls = ({ calls }: { calls: readonly Call[] }) => (
  <section aria-label="Newest calls">
    <header class="section">
      <h2>Live</h2>
      <span class="faint">newest {calls.length}</span>
    </header>
    <ul class="live">
      {calls.map((call) => (
        <li
          key={`${call.traceId} ${call.spanId}`}
          title={`${fullTimeText(call.startMs)}, ${call.model}${call.isSample ? ", sample traffic" : ""}`}
        >
          <time dateTime={new Date(call.startMs).toISOString()}>{clockText(call.startMs)}</time>
          {call.site === null ? (
            <span class="name">{call.feature}</span>
          ) : (
            <button
              type="button"
              class="link name"
              title="Go to the call in the code"
              onClick={() => send({ kind: "openCode", site: call.site, feature: call.feature })}
            >
              {call.feature}
            </button>
          )}
          {call.isError ? (
            <span class="rise">{call.isRateLimited ? "429" : "error"}</span>
          ) : (
            <span class="cost" title={`${exactText(call.costUsd, "usd")}${call.isPricedHere ? ", priced here" : ""}`}>
              {call.costUsd === null ? "price unknown" : figureText(call.costUsd, "usd")}
            </span>
          )}
          <span class="latency">{msText(call.latencyMs)}</span>
          <span class="faint more name">
            {call.model} ·{" "}
            <span
              title={`${exactText(call.inputTokens, "tokens")} input and ${exactText(call.outputTokens, "tokens")} output tokens`}
            >
              {figureText(call.inputTokens, "tokens")} → {figureText(call.outputTokens, "tokens")} tok
            </span>
          </span>
          <TraceLink traceId={call.traceId} startMs={call.startMs} />
        </li>
      ))}
    </ul>
  </section>
);
