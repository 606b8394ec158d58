import { Digit, Letter, Lower, Mark, Newline, OtherLetter, Space, Upper, classOf } from "./characters";

/**
 * Ends of the pieces of a text, as an encoding's regular expression would match them one after another.
 * Written as scanners since a regular expression takes most of a count's time. The patterns stand above each
 * scanner, from js-tiktoken; the tests run both over random text.
 */
export interface Splitter {
  /** The end of the piece that starts at `start` (UTF-16 offsets). */
  next(text: string, start: number): number;
}

const codeAt = (text: string, at: number): number => {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00 ? (text.codePointAt(at) as number) : unit;
};
const width = (code: number): number => (code > 0xffff ? 2 : 1);

/** The end of the run of characters with one of `bits`, from `at`; at most `most` characters. */
function run(text: string, at: number, bits: number, most = Infinity): number {
  for (let taken = 0; at < text.length && taken < most; taken++) {
    const code = codeAt(text, at);
    if ((classOf(code) & bits) === 0) break;
    at += width(code);
  }
  return at;
}

/** The end of the run of `[^\s\p{L}\p{N}]`. */
function symbols(text: string, at: number): number {
  while (at < text.length) {
    const code = codeAt(text, at);
    if ((classOf(code) & (Space | Letter | Digit)) !== 0) break;
    at += width(code);
  }
  return at;
}

/** `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d`: their end, or `at` where none stands there. */
function contraction(text: string, at: number, anyCase: boolean): number {
  if (text.charCodeAt(at) !== 0x27) return at;
  const one = anyCase ? lowerAscii(text.charAt(at + 1)) : text.charAt(at + 1);
  if (one === "s" || one === "t" || one === "m" || one === "d") return at + 2;
  const two = one + (anyCase ? lowerAscii(text.charAt(at + 2)) : text.charAt(at + 2));
  return two === "re" || two === "ve" || two === "ll" ? at + 3 : at;
}

/** Not toLowerCase: the Kelvin sign and its like are no ASCII letters. */
const lowerAscii = (letter: string): string => (letter >= "A" && letter <= "Z" ? letter.toLowerCase() : letter);

/** `\s*[\r\n]+|\s+(?!\S)|\s+`, from a character that is white space. */
function whiteSpace(text: string, start: number, newlinesFirst: boolean): number {
  let lastNewline = -1;
  let end = start;
  while (end < text.length) {
    const bits = classOf(text.charCodeAt(end));
    if ((bits & Space) === 0) break;
    if ((bits & Newline) !== 0) lastNewline = end;
    end++;
  }
  if (newlinesFirst && lastNewline >= 0) return lastNewline + 1;
  return end === text.length || end - start === 1 ? end : end - 1;
}

const isSpaceCharacter = (text: string, at: number): boolean => text.charCodeAt(at) === 0x20;

/** ` ?[^\s\p{L}\p{N}]+`: its end, or `start` where it does not match. */
function spacedSymbols(text: string, start: number): number {
  const from = isSpaceCharacter(text, start) ? start + 1 : start;
  const end = symbols(text, from);
  return end > from ? end : start;
}

/**
 * cl100k_base: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
 */
export const cl100k: Splitter = {
  next(text, start) {
    const short = contraction(text, start, true);
    if (short > start) return short;
    const code = codeAt(text, start);
    const bits = classOf(code);
    const wordStart = (bits & (Newline | Letter | Digit)) === 0 ? start + width(code) : start;
    const word = run(text, wordStart, Letter);
    if (word > wordStart) return word;
    if ((bits & Digit) !== 0) return run(text, start, Digit, 3);
    const symbolsEnd = spacedSymbols(text, start);
    if (symbolsEnd > start) return run(text, symbolsEnd, Newline);
    return whiteSpace(text, start, true);
  },
};

const Head = Upper | OtherLetter | Mark; // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
const Tail = Lower | OtherLetter | Mark; // [\p{Ll}\p{Lm}\p{Lo}\p{M}]

/** `Head*Tail+`: its end, or `start` where it does not match. Head is greedy, and gives back what Tail needs. */
function headThenTail(text: string, start: number): number {
  let at = start;
  let lastShared = -1;
  while (at < text.length) {
    const code = codeAt(text, at);
    const bits = classOf(code);
    if ((bits & Head) === 0) break;
    at += width(code);
    if ((bits & Tail) !== 0) lastShared = at;
  }
  const end = run(text, at, Tail);
  if (end > at) return end;
  return lastShared >= 0 ? lastShared : start;
}

/**
 * o200k_base: `[^\r\n\p{L}\p{N}]?Head*Tail+(?i:'s|…)?|[^\r\n\p{L}\p{N}]?Head+Tail*(?i:'s|…)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
 */
export const o200k: Splitter = {
  next(text, start) {
    const code = codeAt(text, start);
    const bits = classOf(code);
    const prefixed = (bits & (Newline | Letter | Digit)) === 0 ? start + width(code) : start;
    let word = headThenTail(text, prefixed);
    if (word > prefixed) return contraction(text, word, true);
    // Without the optional prefix: only a mark can both be a prefix and begin a word.
    if (prefixed > start && (bits & Mark) !== 0) {
      word = headThenTail(text, start);
      if (word > start) return contraction(text, word, true);
    }
    word = run(text, prefixed, Head);
    if (word > prefixed) return contraction(text, word, true);
    if ((bits & Digit) !== 0) return run(text, start, Digit, 3);
    let end = spacedSymbols(text, start);
    if (end > start) {
      while (end < text.length && (text.charCodeAt(end) === 0x2f || (classOf(text.charCodeAt(end)) & Newline) !== 0))
        end++;
      return end;
    }
    return whiteSpace(text, start, true);
  },
};

/** r50k_base, p50k_base: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` */
export const gpt2: Splitter = {
  next(text, start) {
    const short = contraction(text, start, false);
    if (short > start) return short;
    const from = isSpaceCharacter(text, start) ? start + 1 : start;
    for (const bits of [Letter, Digit]) {
      const end = run(text, from, bits);
      if (end > from) return end;
    }
    const end = spacedSymbols(text, start);
    return end > start ? end : whiteSpace(text, start, false);
  },
};
