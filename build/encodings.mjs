/**
 * Writes js-tiktoken's ranks as one binary file an encoding, so that loading one is a file read and a
 * pass over its tokens instead of half a second of base64.
 *
 * Format, little endian: u32 number of ranks; one u8 length per rank (0 where the rank is a special token
 * or unused); then the bytes of all tokens, in order of rank. `src/core/tokens/ranks.ts` reads it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

/** p50k_edit has the merges of p50k_base and differs only in special tokens, which a count never has. */
export const encodingNames = ["o200k_base", "cl100k_base", "p50k_base", "r50k_base"];

export function writeEncodings(folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of encodingNames) {
    writeFileSync(path.join(folder, `${name}.ranks`), packRanks(require(`js-tiktoken/ranks/${name}`)));
  }
}

function packRanks(ranks) {
  const tokens = [];
  for (const line of ranks.bpe_ranks.split("\n").filter(Boolean)) {
    const [, offset, ...encoded] = line.split(" ");
    encoded.forEach((token, i) => (tokens[Number(offset) + i] = Buffer.from(token, "base64")));
  }
  const all = Array.from(tokens, (token) => token ?? Buffer.alloc(0));
  const count = Buffer.alloc(4);
  count.writeUInt32LE(all.length);
  return Buffer.concat([count, Buffer.from(all.map((token) => token.length)), ...all]);
}
