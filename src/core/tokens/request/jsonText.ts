/** How JSON from a request stands in the prompt. Numbers stay as they are written: `1.0` is no `1`. */

/** JSON text without the white space between its tokens; undefined where it is no JSON. */
export const compactJson = (text: string): string | undefined => tokensOf(text)?.join("");

/** JSON text of an object or a list, with one space after every comma and colon and ASCII alone; undefined of anything else. */
export function spacedJson(text: string): string | undefined {
  const tokens = tokensOf(text);
  if (tokens?.[0] !== "{" && tokens?.[0] !== "[") return undefined;
  return asciiJson(tokens.map((token) => (token === "," || token === ":" ? `${token} ` : token)).join(""));
}

/** JSON text with every character beyond ASCII as `\uXXXX`. */
export const asciiJson = (json: string): string => json.replace(/[\u007f-\uffff]/g, escaped);

/** JSON text with only the characters beyond U+FFFF escaped, as two halves. */
export const basicPlaneJson = (json: string): string => json.replace(/[\ud800-\udfff]/g, escaped);

export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The tokens of JSON text, strings with as few escapes as JSON allows. */
function tokensOf(text: string): string[] | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g) ?? [];
  return tokens.map((token) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token));
}
