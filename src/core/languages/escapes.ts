const simple: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "`": "`",
};

const fromCode = (hex: string, original: string): string => {
  const code = Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : original;
};

/** Replaces the escapes of a Python string (Language Reference, 2.4.1.1); unknown ones stay as they stand. */
export function pythonEscapes(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(\n|[0-7]{1,3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|N\{[^}]*\}|[^])/g,
    (whole, escape: string) => {
      if (escape === "\n") return "";
      if (escape === "a") return "\x07";
      if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
      if (/^[xuU]./.test(escape)) return fromCode(escape.slice(1), whole);
      return Object.hasOwn(simple, escape) && escape !== "`" ? (simple[escape] ?? whole) : whole;
    },
  );
}

/** Replaces the escapes of a JavaScript string or template (ECMA-262, 12.9.4). */
export function ecmascriptEscapes(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(\r\n|[\n\r\u2028\u2029]|0(?!\d)|x[\da-fA-F]{2}|u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|[^])/g,
    (whole, escape: string) => {
      if (/^[\r\n\u2028\u2029]/.test(escape)) return "";
      if (escape === "0") return "\0";
      if (/^[xu]./.test(escape)) return fromCode(escape.replace(/[xu{}]/g, ""), whole);
      return Object.hasOwn(simple, escape) ? (simple[escape] ?? escape) : escape;
    },
  );
}
