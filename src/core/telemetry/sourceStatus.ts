import { inWords, type FailureValue } from "../failure";
import { counted } from "../figures";

/** What the telemetry worker says of the source, the receiver and the local store, as far as words need it. */
export interface SourceState {
  /** Why the source can't be read; null where it can, or nobody has looked. */
  failure: FailureValue | null;
  receiver:
    { kind: "off" | "elsewhere" } | { kind: "receiving"; port: number } | { kind: "failed"; failure: FailureValue };
  local: { spans: number } | null;
}

/** The state in a few words for the status bar (with an icon), and in sentences. */
export function describeSource(
  { name, title, isLocal }: { name: string; title: string; isLocal: boolean },
  { failure, receiver, local }: SourceState,
): { text: string; tooltip: string; isTrouble: boolean } {
  if (isLocal && receiver.kind === "failed")
    return { text: "$(warning) Not receiving", tooltip: inWords(receiver.failure), isTrouble: true };
  if (failure !== null) return { text: `$(warning) ${title}`, tooltip: inWords(failure), isTrouble: true };
  if (!isLocal) return { text: `$(pulse) ${title}`, tooltip: `spend is read from ${name}.`, isTrouble: false };
  const calls = local === null ? "" : ` ${counted(local.spans, "call")} in ${name}.`;
  switch (receiver.kind) {
    case "receiving":
      return {
        text: `$(pulse) Receiving :${receiver.port}`,
        tooltip: `OpenTelemetry is received on 127.0.0.1:${receiver.port}.${calls}`,
        isTrouble: false,
      };
    case "elsewhere":
      return {
        text: `$(pulse) ${title}`,
        tooltip: `another window receives OpenTelemetry; this one takes over when that one closes.${calls}`,
        isTrouble: false,
      };
    default:
      return {
        text: "$(circle-slash) Not receiving",
        tooltip: "the receiver is off. Start it with “Prompt Cost: Start Receiver”.",
        isTrouble: false,
      };
  }
}

/** How the receiver is, in a few words; null before it is known. */
export function receiverText(receiver: SourceState["receiver"] | undefined): string | null {
  switch (receiver?.kind) {
    case "receiving":
      return `receiving on :${receiver.port}`;
    case "elsewhere":
      return "another window receives";
    case "failed":
      return "not receiving";
    case "off":
      return "receiver off";
    default:
      return null;
  }
}
