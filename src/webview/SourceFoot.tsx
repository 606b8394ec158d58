import { useEffect, useState } from "preact/hooks";
import { ageText } from "../core/figures";
import { ActionButton } from "./Notices";
import type { ViewState } from "./viewProtocol";
import { fullTimeText } from "./times";

/** Where the figures are from, and how old they are. */
export function SourceFoot({ state: { source, insight, failure } }: { state: ViewState }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const health = failure !== null ? "bad" : insight === null ? "unknown" : "good";
  const words = { bad: "The last query failed", unknown: "Not queried yet", good: "Up to date" }[health];
  return (
    <footer class="source">
      <span class={`dot ${health}`} role="img" aria-label={words} title={words} />
      <ActionButton action="details" isPlain>
        {source.label}
      </ActionButton>
      {source.receiver === null ? null : <span class="faint">{source.receiver}</span>}
      <span class="age" {...(insight === null ? {} : { title: `Queried at ${fullTimeText(insight.answeredMs)}` })}>
        {insight === null ? "no data yet" : ageText(now - insight.answeredMs)}
      </span>
    </footer>
  );
}
