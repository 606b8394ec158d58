import type { TelemetryStore } from "./store";

/** A store on a server. */
export interface RemoteStore extends TelemetryStore {
  /** Asks for as little as shows that the store can be read. @throws TelemetryError where it can't. */
  check(signal?: AbortSignal): Promise<void>;
}

/** What a server has. */
export interface Discovery {
  version: string;
  /** Everything there that could hold spans. */
  allStreams: string[];
  /** What of it has calls to models, the most complete first. */
  streams: {
    name: string;
    /** Start of the newest call, in microseconds; null where there is none of late. */
    newestUs: number | null;
    missing: { column: string; loss: string }[];
  }[];
}

/** How a source that a person connects to is opened. `log` is told of each request, never of contents. */
export interface RemoteOpener<Server> {
  open(server: Server, stream: string, log: (line: string) => void): RemoteStore;
  /** Looks at what is there. @throws TelemetryError */
  discover(server: Server, log: (line: string) => void, signal: AbortSignal): Promise<Discovery>;
}
