import { localSource } from "../local/source";
import { openObserveSource } from "../openobserve/source";
import { sourcesOf } from "../source";

/**
 * Every kind of place that spend is read from; without a connection it is the first. Whatever else knows sources (opening
 * and discovering, `prompt-cost spend`, connecting, the suite of conformance) has an entry for each, or doesn't compile.
 */
export const sourceTable = { local: localSource, openobserve: openObserveSource };
export type SourceId = keyof typeof sourceTable;
/** The sources that a person connects to. */
export type RemoteId = Exclude<SourceId, "local">;
/** What is remembered of a connection to a source. */
export type SavedOf<Id extends SourceId> = Parameters<(typeof sourceTable)[Id]["label"]>[0];

export const sources = sourcesOf(sourceTable);
export const remoteIds = sources.ids.filter((id): id is RemoteId => id !== "local");
