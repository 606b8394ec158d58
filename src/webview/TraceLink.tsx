import { send } from "./host";

/** To the call's trace: in OpenObserve, or its number on the clipboard where the local store has it. */
export const TraceLink = ({ traceId, startMs }: { traceId: string; startMs: number }) => (
  <button
    type="button"
    class="link trace"
    title={`Open trace ${traceId}`}
    onClick={() => send({ kind: "openTrace", traceId, startMs })}
  >
    {traceId.slice(0, 8)}
  </button>
);
