import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";

/** The largest body that is read, before and after it is unpacked, in bytes. */
export const LARGEST_BODY = 20 * 1024 * 1024;

/** A request that is refused, with its HTTP status. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const unpackers = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
};

/** Reads a request's body and unpacks it. @throws Refusal */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip" && encoding !== "deflate")
    throw new Refusal(415, `content-encoding "${encoding}" is not supported; use gzip or none`);
  if (Number(request.headers["content-length"] ?? 0) > LARGEST_BODY) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (encoding === "identity") return body;
  try {
    return await unpackers[encoding](body, { maxOutputLength: LARGEST_BODY });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new Refusal(400, `the body is not ${encoding}`);
  }
}

const tooLarge = (): Refusal => new Refusal(413, `the body is larger than ${LARGEST_BODY / 1024 / 1024} MB`);
