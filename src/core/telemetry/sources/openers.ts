import { openObserveOpener } from "../openobserve/open";
import type { RemoteOpener } from "../remote";
import type { Servers } from "./servers";
import type { RemoteId } from "./sources";

const openers: { [Id in RemoteId]: RemoteOpener<Servers[Id]> } = { openobserve: openObserveOpener };

/** How a server's source is opened. */
export const openerOf = <Id extends RemoteId>(id: Id): RemoteOpener<Servers[Id]> => openers[id];
