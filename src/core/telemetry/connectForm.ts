/** One question that is asked to connect to a source. `answers` are those before it, by name. */
export interface FormField<Saved> {
  name: string;
  prompt: (answers: Answers) => string;
  placeHolder?: string;
  isSecret?: true;
  /** What stands there at first; what was connected last is known, if anything was. */
  initial?: (last: Saved | undefined) => string | undefined;
  /** Why an answer can't be taken; undefined where it can. */
  problem?: (text: string) => string | undefined;
  /** Whether the question is asked at all. */
  isAsked?: (answers: Answers) => boolean;
}

export type Answers = Readonly<Record<string, string>>;

/** What is remembered of a connection to any server. */
export interface SavedServer {
  url: string;
  stream: string;
}

/** The way to a server, as the editor's settings have it: null is no proxy, and without it the environment's holds. */
export interface Network {
  proxy?:
    | { protocol: string; host: string; port: number; auth?: { username: string; password: string } | undefined }
    | null
    | undefined;
  strictTls: boolean;
}

/** How a person connects to a source. */
export interface ConnectForm<Saved extends SavedServer, Server> {
  /** Under which connections are remembered: never changed. */
  key: string;
  fields: readonly FormField<Saved>[];
  /** What the answers come to, but for the stream; the secret is kept in the editor's secret storage. */
  read: (answers: Answers) => { saved: Omit<Saved, "stream">; secret: string };
  server: (saved: Omit<Saved, "stream">, secret: string, network: Network) => Server;
  /** What the page of connection details lists, besides the password. */
  details: (saved: Saved) => readonly { name: string; value: string }[];
}
