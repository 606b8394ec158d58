/** Where OpenTelemetry sends OTLP over HTTP unless it is told otherwise. */
export const DEFAULT_PORT = 4318;

/** What the local store keeps. */
export interface Limits {
  retentionDays: number;
  /** Bytes on disk, about. */
  maxBytes: number;
}

export const defaultLimits: Limits = { retentionDays: 30, maxBytes: 1_000_000_000 };
