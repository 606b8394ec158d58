import { TelemetryError } from "../store";
import type { OpenObserveClient } from "./client";
import { quote } from "./quote";
import { type StreamSchema, hasLlmSpans, missingColumns } from "./schema";

/** Schemas are read of at most so many streams. */
const MOST_STREAMS = 200;
const RECENT_US = 30 * 86_400_000_000;

/** What a connection finds on its server. */
export interface Findings {
  version: string;
  /** Streams with spans of calls to models, those with most of the columns that spend needs first. */
  streams: StreamSchema[];
  /** All streams of traces. */
  allStreams: string[];
}

/** Looks at the server: its version, and which streams hold calls to models. @throws TelemetryError */
export async function discover(client: OpenObserveClient, signal?: AbortSignal): Promise<Findings> {
  const allStreams = await client.streams(signal);
  if (allStreams.length === 0 && (await client.hasOrganization(signal)) === false) {
    throw new TelemetryError(
      "unknown-organization",
      `There is no organisation "${client.connection.organization}" on this server.`,
      "Connect again with the organisation's identifier, as it stands in OpenObserve's address bar.",
    );
  }
  const version = await client.version(signal).catch(() => "unknown version");
  signal?.throwIfAborted();
  const schemas: StreamSchema[] = [];
  for (const name of allStreams.slice(0, MOST_STREAMS)) schemas.push(await client.schema(name, signal));
  const streams = schemas
    .filter(hasLlmSpans)
    .sort((a, b) => missingColumns(a).length - missingColumns(b).length || b.columns.size - a.columns.size);
  return { version, streams, allStreams };
}

/** The stream that most looks like one of calls to models. @throws TelemetryError where there is none. */
export async function findStream(client: OpenObserveClient, signal?: AbortSignal): Promise<string> {
  const { streams } = await discover(client, signal);
  const [first] = streams;
  if (first === undefined)
    throw new TelemetryError(
      "no-llm-spans",
      `No stream of organisation "${client.connection.organization}" has spans of calls to models yet.`,
      "Instrument a call, send its spans to this server, and try again.",
      true,
    );
  return first.name;
}

/** When the newest call of the last 30 days started, in microseconds; null where there is none. */
export async function newestCall(
  client: OpenObserveClient,
  schema: StreamSchema,
  nowUs: number,
  signal?: AbortSignal,
): Promise<number | null> {
  const { hits } = await client.search(
    "newest",
    {
      sql: `SELECT MAX(_timestamp) AS newest FROM ${quote(schema.name, "name")}`,
      startUs: nowUs - RECENT_US,
      endUs: nowUs,
      size: 1,
    },
    schema.name,
    signal,
  );
  const newest = hits[0]?.["newest"];
  return typeof newest === "number" && newest > 0 ? newest : null;
}
