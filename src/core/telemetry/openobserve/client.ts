import https from "node:https";
import axios, { type AxiosInstance, type AxiosRequestConfig } from "axios";
import type { z } from "zod";
import { TelemetryError } from "../store";
import {
  type SearchAnswer,
  configAnswer,
  organizationsAnswer,
  searchAnswer,
  streamAnswer,
  streamsAnswer,
} from "./answers";
import { isThisMachine } from "./address";
import { failureOf, looksLikePage } from "./failures";
import type { StreamSchema } from "./schema";

export interface Connection {
  /** With its path prefix, without a trailing slash. */
  url: string;
  organization: string;
  /** The whole value of the Authorization header. */
  authorization: string;
}

export interface Proxy {
  protocol: string;
  host: string;
  port: number;
  auth?: { username: string; password: string } | undefined;
}

export interface ClientOptions {
  /** Milliseconds. */
  timeout?: number;
  /** The editor's proxy; null is none, and without it the environment's holds (HTTPS_PROXY, NO_PROXY). */
  proxy?: Proxy | null | undefined;
  /** False takes any certificate, as the editor's setting for proxies may have it. */
  strictTls?: boolean;
  /** Told of each request by name, time and outcome; never of contents. */
  log?: (line: string) => void;
}

/** The largest answer that is read, in bytes. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

/** OpenObserve's HTTP API, as far as spend needs it. */
export class OpenObserveClient {
  private readonly http: AxiosInstance;
  /** Searches asked so far. */
  searches = 0;

  constructor(
    readonly connection: Connection,
    private readonly options: ClientOptions = {},
  ) {
    const { timeout = 30_000, strictTls = true } = options;
    // A proxy on another host would be handed what is meant for this one.
    const proxy = isThisMachine(connection.url) ? null : options.proxy;
    this.http = axios.create({
      baseURL: connection.url,
      timeout,
      headers: { Authorization: connection.authorization },
      maxContentLength: LARGEST_ANSWER,
      // A sign-in page that redirects is no API; and credentials must not follow to another host.
      maxRedirects: 0,
      ...(proxy === undefined
        ? {}
        : {
            proxy:
              proxy === null
                ? (false as const)
                : {
                    protocol: proxy.protocol,
                    host: proxy.host,
                    port: proxy.port,
                    ...(proxy.auth === undefined ? {} : { auth: proxy.auth }),
                  },
          }),
      ...(strictTls ? {} : { httpsAgent: new https.Agent({ rejectUnauthorized: false }) }),
    });
  }

  async version(signal?: AbortSignal): Promise<string> {
    const { version, commit_hash } = await this.ask("config", configAnswer, { url: "/config", ...withSignal(signal) });
    return version || (commit_hash ? `built from ${commit_hash}` : "unknown version");
  }

  /** The streams of traces, without their schemas. Names that begin with `_` are OpenObserve's own. */
  async streams(signal?: AbortSignal): Promise<string[]> {
    const { list } = await this.ask("streams", streamsAnswer, {
      url: `${this.api}/streams?type=traces&fetchSchema=false`,
      ...withSignal(signal),
    });
    return list.map(({ name }) => name).filter((name) => !name.startsWith("_"));
  }

  /** Whether the organisation exists. v0.14.7 answers for one that doesn't as for an empty one; its list tells. Null where it can't be known. */
  async hasOrganization(signal?: AbortSignal): Promise<boolean | null> {
    try {
      const { data } = await this.ask("organizations", organizationsAnswer, {
        url: "/api/organizations",
        ...withSignal(signal),
      });
      return data.some(({ identifier }) => identifier === this.connection.organization);
    } catch {
      signal?.throwIfAborted();
      return null;
    }
  }

  async schema(stream: string, signal?: AbortSignal): Promise<StreamSchema> {
    const answer = await this.ask(
      "schema",
      streamAnswer,
      { url: `${this.api}/streams/${encodeURIComponent(stream)}/schema?type=traces`, ...withSignal(signal) },
      stream,
    );
    const internal = (answer.schema ?? []).filter(({ name }) =>
      [
        "_timestamp",
        "duration",
        "trace_id",
        "span_id",
        "reference_parent_span_id",
        "span_status",
        "service_name",
      ].includes(name),
    );
    // With a user-defined schema only those columns can be asked for.
    const columns = answer.uds_schema?.length ? [...answer.uds_schema, ...internal] : (answer.schema ?? []);
    return {
      name: answer.name,
      columns: new Map(columns.map(({ name, type }) => [name, type])),
      maxQueryRangeHours: answer.settings?.max_query_range ?? 0,
    };
  }

  /** Times are microseconds; `size` is the most rows that come back. */
  async search(
    name: string,
    query: { sql: string; startUs: number; endUs: number; size: number },
    stream: string,
    signal?: AbortSignal,
  ): Promise<SearchAnswer> {
    this.searches++;
    const body = {
      query: {
        sql: query.sql,
        start_time: Math.floor(query.startUs),
        end_time: Math.ceil(query.endUs),
        from: 0,
        size: query.size,
      },
      search_type: "dashboards",
      timeout: 0,
    };
    return this.ask(
      name,
      searchAnswer,
      {
        method: "POST",
        url: `${this.api}/_search?type=traces&search_type=dashboards&use_cache=false`,
        data: body,
        ...withSignal(signal),
      },
      stream,
    );
  }

  private get api(): string {
    return `/api/${encodeURIComponent(this.connection.organization)}`;
  }

  private async ask<T>(
    name: string,
    schema: z.ZodType<T>,
    config: AxiosRequestConfig,
    stream: string | null = null,
  ): Promise<T> {
    const started = performance.now();
    const { url, organization } = this.connection;
    const log = (outcome: string): void =>
      this.options.log?.(`OpenObserve ${name}: ${outcome} in ${Math.round(performance.now() - started)} ms`);
    try {
      const response = await this.http.request<unknown>(config);
      const parsed = schema.safeParse(response.data);
      if (parsed.success) {
        log(String(response.status));
        return parsed.data;
      }
      if (looksLikePage(response.data, response.headers["content-type"]))
        throw new TelemetryError(
          "not-openobserve",
          `${url} answered with a web page: a proxy or another server stands at this address.`,
          "Check the address and its path prefix, and VS Code's proxy settings.",
        );
      throw new TelemetryError(
        "bad-answer",
        `OpenObserve at ${url} answered something that its API doesn't say (${name}: ${parsed.error.issues[0]?.path.join(".") ?? ""} ${parsed.error.issues[0]?.message ?? ""}).`,
        "Check the address; a proxy may change answers, or the server is of a version that isn't known yet.",
      );
    } catch (error) {
      if (axios.isCancel(error)) {
        log("cancelled");
        if (config.signal instanceof AbortSignal) config.signal.throwIfAborted();
      }
      const failure = failureOf(error, { url, organization, stream });
      log(failure.kind);
      throw failure;
    }
  }
}

const withSignal = (signal: AbortSignal | undefined): AxiosRequestConfig => (signal === undefined ? {} : { signal });
