import { createHash } from "node:crypto";

/** Tells a text from others without holding it; never shown or logged. */
export const fingerprintOf = (text: string): string => createHash("sha1").update(text).digest("base64");
