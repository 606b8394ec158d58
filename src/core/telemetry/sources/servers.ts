import { z } from "zod";
import { openObserveServer } from "../openobserve/server";
import type { RemoteId } from "./sources";

/** What it takes to reach a server of each source that a person connects to. */
const schemas = { openobserve: openObserveServer } satisfies Record<RemoteId, z.ZodType>;

export type Servers = { [Id in RemoteId]: z.infer<(typeof schemas)[Id]> };
/** A server, and which kind of source it is. */
export type RemoteServer = { [Id in RemoteId]: { id: Id; server: Servers[Id] } }[RemoteId];

export const remoteServer = z.union(
  Object.entries(schemas).map(([id, server]) => z.object({ id: z.literal(id), server })),
) as unknown as z.ZodType<RemoteServer>;
