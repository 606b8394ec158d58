import type { RemoteOpener } from "../remote";
import { OpenObserveClient } from "./client";
import { discover, newestCall } from "./discover";
import { OpenObserveStore } from "./openObserveStore";
import { missingColumns } from "./schema";
import type { OpenObserveServer } from "./server";

const clientFor = (
  { proxy, strictTls, ...connection }: OpenObserveServer,
  log: (line: string) => void,
): OpenObserveClient => new OpenObserveClient(connection, { proxy, strictTls, log });

export const openObserveOpener: RemoteOpener<OpenObserveServer> = {
  open: (server, stream, log) => new OpenObserveStore(clientFor(server, log), stream),
  discover: async (server, log, signal) => {
    const client = clientFor(server, log);
    const { version, allStreams, streams } = await discover(client, signal);
    const described = [];
    for (const schema of streams) {
      const newestUs = await newestCall(client, schema, Date.now() * 1000, signal).catch(() => null);
      described.push({ name: schema.name, newestUs, missing: missingColumns(schema) });
    }
    signal.throwIfAborted();
    return { version, allStreams, streams: described };
  },
};
