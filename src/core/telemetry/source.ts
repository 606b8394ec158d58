import type { ConnectForm, SavedServer } from "./connectForm";

/** Makes addresses of a source's own pages. Times are microseconds. @throws where an address leads elsewhere. */
export interface SourceLinks<Saved> {
  /** The page of one trace. */
  trace(saved: Saved, traceId: string, startUs: number): string;
  /** The calls of a range with a value; null is "not set". */
  traces(saved: Saved, filter: { dimension: string; value: string | null }, fromUs: number, toUs: number): string;
}

/**
 * A kind of place that spend is read from, as all but its store know it: its words, and what it can do.
 * @template Saved what is remembered of a connection to it, without secrets; null where nobody connects to it.
 */
export interface SourceProvider<Saved> {
  /** In the middle of a sentence: `OpenObserve`, `the local store`. */
  name: string;
  /** In the status bar, where there is room for two words. */
  title: string;
  /** Whether it is filled by the receiver of this machine; others are servers that a person connects to. */
  isLocal: boolean;
  /** What heads a view: `Local store`, or server and stream. */
  label: (saved: Saved) => string;
  /** Null where it has no pages for traces. */
  links: SourceLinks<Saved> | null;
}

/** A source on a server. */
export interface RemoteProvider<Saved extends SavedServer, Server> extends SourceProvider<Saved> {
  form: ConnectForm<Saved, Server>;
}

/** The source that spend is read from now, bound to its connection. */
export interface SourceInUse<Id extends string = string> {
  id: Id;
  name: string;
  title: string;
  isLocal: boolean;
  label: string;
  links: {
    trace: (traceId: string, startUs: number) => string;
    traces: (filter: { dimension: string; value: string | null }, fromUs: number, toUs: number) => string;
  } | null;
}

/** What derives from a table of sources. */
export function sourcesOf<Saved extends Record<string, unknown>>(table: {
  [Id in keyof Saved]: SourceProvider<Saved[Id]>;
}) {
  type Id = keyof Saved & string;
  return {
    ids: Object.keys(table) as [Id, ...Id[]],
    isId: (text: string): text is Id => Object.hasOwn(table, text),
    /** A source with the connection that is used. */
    use: <One extends Id>(id: One, saved: Saved[One]): SourceInUse<Id> => {
      const { name, title, isLocal, label, links } = table[id];
      return {
        id,
        name,
        title,
        isLocal,
        label: label(saved),
        links:
          links === null
            ? null
            : {
                trace: (traceId, startUs) => links.trace(saved, traceId, startUs),
                traces: (filter, fromUs, toUs) => links.traces(saved, filter, fromUs, toUs),
              },
      };
    },
  };
}
