import { defaultStoreFile } from "../core/telemetry/local/location";
import { ReadOnlyStore } from "../core/telemetry/local/readOnlyStore";
import type { SourceId } from "../core/telemetry/sources/sources";
import type { TelemetryStore } from "../core/telemetry/store";
import { openObserve } from "./openobserve";
import type { SourceOptions } from "./sourceOptions";

/** How each source is opened for a command. @throws UsageError where options are missing. */
export const openSource: Record<SourceId, (options: SourceOptions) => Promise<TelemetryStore>> = {
  local: ({ db }) => Promise.resolve(new ReadOnlyStore(db ?? defaultStoreFile())),
  openobserve: openObserve,
};
