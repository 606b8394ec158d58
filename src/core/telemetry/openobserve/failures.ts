import type { SearchAnswer } from "./answers";
import { isAxiosError } from "axios";
import { TelemetryError } from "../store";
import { failureAnswer } from "./answers";

/** What a failed request says about itself, apart from its contents. */
interface Context {
  /** The server's address, without credentials. */
  url: string;
  organization: string;
  stream: string | null;
}

/** Turns whatever axios throws into a sentence and a next step. */
export function failureOf(error: unknown, context: Context): TelemetryError {
  if (error instanceof TelemetryError) return error;
  if (!isAxiosError(error))
    return new TelemetryError(
      "unexpected",
      `OpenObserve could not be asked: ${error instanceof Error ? error.message : String(error)}`,
      "Show the log for details.",
      true,
    );
  if (error.response !== undefined)
    return refusalOf(error.response.status, error.response.data, error.response.headers["content-type"], context);
  const code = error.code ?? "";
  if (code === "ECONNABORTED" || code === "ETIMEDOUT")
    return new TelemetryError(
      "timeout",
      `OpenObserve at ${context.url} did not answer in time.`,
      "Choose a shorter range, or try again later.",
      true,
    );
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new TelemetryError(
      "unreachable",
      `The host of ${context.url} can't be found.`,
      "Check the address, your network and VPN.",
      true,
    );
  if (/^(ERR_TLS|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO|ERR_SSL)/.test(code))
    return new TelemetryError(
      "tls",
      `The secure connection to ${context.url} failed (${code}): its certificate is not trusted, or it doesn't speak TLS.`,
      "Check http:// or https:// in the address, or add your company's certificate to the system (settings http.systemCertificates, NODE_EXTRA_CA_CERTS).",
    );
  if (code === "ERR_BAD_RESPONSE" || /maxContentLength/.test(error.message))
    return new TelemetryError(
      "bad-answer",
      `OpenObserve at ${context.url} answered with more than can be read.`,
      "Choose a shorter range.",
    );
  return new TelemetryError(
    "unreachable",
    `OpenObserve at ${context.url} can't be reached (${code || error.message}).`,
    "Check that it runs, the address and the port.",
    true,
  );
}

function refusalOf(
  status: number,
  body: unknown,
  contentType: unknown,
  { url, organization, stream }: Context,
): TelemetryError {
  const parsed = failureAnswer.safeParse(body);
  const text = parsed.success ? parsed.data.message : typeof body === "string" ? body : "";
  const code = parsed.success ? parsed.data.code : status;
  if (status === 401)
    return new TelemetryError(
      "unauthorized",
      `OpenObserve refused the sign-in (401).`,
      "Connect again with the right e-mail and password, or a fresh token.",
    );
  if (status === 403)
    return new TelemetryError(
      "forbidden",
      `This account may not read from organisation "${organization}" (403).`,
      "Ask for the right to search traces, or sign in with another account.",
    );
  if (status === 407)
    return new TelemetryError(
      "proxy",
      "The proxy asks for a sign-in (407).",
      "Check VS Code's proxy settings (http.proxy).",
    );
  if (looksLikePage(text, contentType))
    return new TelemetryError(
      "not-openobserve",
      `${url} answered with a web page (${status}): a proxy or another server stands at this address.`,
      "Check the address and its path prefix, and VS Code's proxy settings.",
    );
  if (status === 404 && /organization/i.test(text))
    return new TelemetryError(
      "unknown-organization",
      `There is no organisation "${organization}" on this server.`,
      "Connect again with the organisation's identifier, as it stands in OpenObserve's address bar.",
    );
  if (code === 20002 || /stream not found/i.test(text)) return unknownStream(stream ?? "");
  if (code === 20004 || /No field named|Search field not found|unknown field/.test(text))
    return new TelemetryError(
      "unknown-column",
      `A column that spend needs is gone from stream "${stream ?? ""}" (${text.slice(0, 200)}).`,
      "The schema was read again; try once more.",
      true,
    );
  if (status === 429 || code === 20012)
    return new TelemetryError(
      "rate-limit",
      "OpenObserve is rate-limiting searches (429).",
      "Retrying automatically.",
      true,
    );
  if (status === 408 || code === 20010)
    return new TelemetryError(
      "timeout",
      "The search took longer than OpenObserve allows.",
      "Choose a shorter range.",
      true,
    );
  if (status === 503)
    return new TelemetryError(
      "overloaded",
      "OpenObserve has no room for this search (503).",
      "Retrying automatically.",
      true,
    );
  if (status >= 300 && status < 400)
    return new TelemetryError(
      "not-openobserve",
      `${url} redirects (${status}): a sign-in page or a proxy stands before OpenObserve.`,
      "Use the address that the API itself answers at.",
    );
  if (status === 404)
    return new TelemetryError(
      "not-openobserve",
      `There is no OpenObserve API at ${url} (404).`,
      "Check the address and its path prefix.",
    );
  return new TelemetryError(
    "refused",
    `OpenObserve refused the request (${status}${code === status ? "" : `, code ${code}`}): ${text.slice(0, 200) || "it gives no reason"}.`,
    "Show the log for details.",
    status >= 500,
  );
}

export const unknownStream = (stream: string): TelemetryError =>
  new TelemetryError(
    "unknown-stream",
    `There is no stream of traces named "${stream}".`,
    "Connect again and choose one, or wait until the first spans have arrived.",
  );

/** Whether an answer is a page for people, and none of an API. */
export const looksLikePage = (body: unknown, contentType: unknown): boolean =>
  (typeof contentType === "string" && /text\/html/i.test(contentType)) ||
  (typeof body === "string" && /^\s*<(!doctype|html|head|body)/i.test(body));

/** What an answer of 200 that is incomplete says, in plain sentences. */
export function warningsOf(texts: readonly string[], isPartial: boolean): string[] {
  const plain = texts.flatMap((text) => {
    const hours = /range restriction of (\d+) hours?/.exec(text)?.[1];
    if (hours !== undefined)
      return [
        `The server lets a search span at most ${hours} hours of this stream: what is shown covers only the last ${hours} hours of the range.`,
      ];
    if (/response is based on partial data/i.test(text)) return [];
    return [`OpenObserve could read only a part of the data: ${text.slice(0, 200)}`];
  });
  return plain.length === 0 && isPartial ? ["OpenObserve says that its answer is incomplete."] : plain;
}

/** Whether the server shortened the range by a limit of its own. */
export const isClamped = ({ function_error: texts }: SearchAnswer): boolean =>
  [texts ?? []].flat().some((text) => /range restriction/.test(text));
