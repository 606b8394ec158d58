import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import type { Ticket } from "./admission";
import { Refusal, SenderGone } from "./refusal";

/** The largest body that is read, before and after it is unpacked, in bytes. */
export const MAX_BODY = 20 * 1024 * 1024;
/** How long a body may take to arrive, in milliseconds. */
export const bodyLimits = {
  /** For all of it: an exporter gives up after as many. */
  all: 10_000,
  /** Without a byte. */
  idle: 5_000,
  /** From then on, what its sender has announced and not sent counts no more. */
  late: 1_000,
};
export type BodyLimits = typeof bodyLimits;
/** What a body without a length, or a compressed one, is taken for until it is there. */
const UNKNOWN_LENGTH = 64 * 1024;
const USUAL_COMPRESSION = 8;

const unpackers = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
};
type Encoding = "identity" | keyof typeof unpackers;

/** What the headers say of a body. */
export interface BodyHeaders {
  encoding: Encoding;
  /** Bytes when unpacked, about. */
  expectedBytes: number;
}

/** Whether a request has a body, which must be read or dropped before the next request on its connection. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** @throws Refusal where the body is of no use, before any of it is read. */
export function checkHeaders({ headers }: IncomingMessage): BodyHeaders {
  const encoding = (headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip" && encoding !== "deflate")
    throw new Refusal(415, "unknown-encoding", "this content-encoding is not supported; use gzip or none");
  const declared = headers["content-length"];
  const length = declared === undefined ? UNKNOWN_LENGTH : Number(declared);
  if (length > MAX_BODY) throw tooLarge();
  return {
    encoding,
    expectedBytes: encoding === "identity" ? length : Math.min(MAX_BODY, length * USUAL_COMPRESSION),
  };
}

/** Bytes of the body, when unpacked, that have arrived and aren't read yet. */
export const arrivedBytes = ({ readableLength }: IncomingMessage, { encoding }: BodyHeaders): number =>
  readableLength * (encoding === "identity" ? 1 : USUAL_COMPRESSION);

/** Reads an admitted request's body and unpacks it. @throws Refusal, SenderGone */
export async function readBody(
  request: IncomingMessage,
  { encoding }: BodyHeaders,
  ticket: Ticket,
  limits: BodyLimits,
): Promise<Buffer> {
  const packed = await collect(request, ticket, encoding === "identity" ? 1 : USUAL_COMPRESSION, limits);
  ticket.readAt = performance.now();
  const body = encoding === "identity" ? packed : await unpack(packed, encoding);
  ticket.resize(body.length);
  return body;
}

async function unpack(packed: Buffer, encoding: keyof typeof unpackers): Promise<Buffer> {
  try {
    return await unpackers[encoding](packed, { maxOutputLength: MAX_BODY });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new Refusal(400, "malformed", `the body is not ${encoding}`);
  }
}

/** @param growth how much larger the body is when it is unpacked. */
function collect(request: IncomingMessage, ticket: Ticket, growth: number, limits: BodyLimits): Promise<Buffer> {
  if (request.destroyed && !request.complete) return Promise.reject(new SenderGone());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isSettled = false;
    const startedAt = performance.now();
    let lastByteAt = startedAt;
    const late = setInterval(() => {
      ticket.doubt(size * growth);
      // Where this process itself was busy, bytes may be there already: they get a turn before the sender is given up.
      setImmediate(() => {
        const now = performance.now();
        const limit = now - lastByteAt > limits.idle ? limits.idle : now - startedAt > limits.all ? limits.all : null;
        if (limit !== null && !isSettled)
          fail(new Refusal(408, "stalled", `the body did not come within ${limit / 1000} s`));
      });
    }, limits.late);
    const settle = (): void => {
      isSettled = true;
      clearInterval(late);
      request.off("data", take).off("end", finish).off("close", gone).off("error", gone);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error as Error);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > MAX_BODY) {
        fail(tooLarge());
        return;
      }
      chunks.push(chunk);
      lastByteAt = performance.now();
      try {
        ticket.arrive(size * growth);
      } catch (error) {
        fail(error);
      }
    };
    const finish = (): void => {
      settle();
      resolve(Buffer.concat(chunks));
    };
    const gone = (): void => fail(new SenderGone());
    request.on("data", take).on("end", finish).on("close", gone).on("error", gone);
  });
}

const tooLarge = (): Refusal => new Refusal(413, "too-large", `the body is larger than ${MAX_BODY / 1024 / 1024} MB`);
