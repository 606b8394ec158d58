/** Classes of characters that the encodings' patterns tell apart, as bits. */
export const Upper = 1; // \p{Lu} \p{Lt}
export const Lower = 2; // \p{Ll}
export const OtherLetter = 4; // \p{Lm} \p{Lo}
export const Mark = 8; // \p{M}
export const Digit = 16; // \p{N}
export const Space = 32; // \s
export const Newline = 64; // \r \n, also Space
const Known = 128;

export const Letter = Upper | Lower | OtherLetter;

const tests: [RegExp, number][] = [
  [/^[\p{Lu}\p{Lt}]$/u, Upper],
  [/^\p{Ll}$/u, Lower],
  [/^[\p{Lm}\p{Lo}]$/u, OtherLetter],
  [/^\p{M}$/u, Mark],
  [/^\p{N}$/u, Digit],
  [/^\s$/u, Space],
  [/^[\r\n]$/u, Newline],
];

/** Filled as characters turn up: most texts need a few hundred of the 1.1 million. */
const classes = new Uint8Array(0x110000);

/** The class of a code point; a lone surrogate has none, as in the patterns with the `u` flag. */
export function classOf(codePoint: number): number {
  const known = classes[codePoint] as number;
  return known !== 0 ? known & ~Known : classify(codePoint);
}

function classify(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  const bits = tests.reduce((all, [pattern, bit]) => (pattern.test(character) ? all | bit : all), 0);
  classes[codePoint] = bits | Known;
  return bits;
}
