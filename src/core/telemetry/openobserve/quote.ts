/** The one way in which text becomes SQL: a value in single quotes, or a name in double ones (PostgreSQL's rules). */
export function quote(text: string, as: "value" | "name"): string {
  // A null character ends a text in some parsers; no name that is shown contains one.
  const clean = text.replaceAll("\u0000", "");
  return as === "value" ? `'${clean.replaceAll("'", "''")}'` : `"${clean.replaceAll('"', '""')}"`;
}

/** Several values, for IN. */
export const values = (texts: readonly string[]): string => texts.map((text) => quote(text, "value")).join(", ");

/** Whether a column has one of the values; null is NULL. */
export const isOneOf = (column: string, keys: readonly (string | null)[]): string => {
  const texts = keys.filter((key): key is string => key !== null);
  const parts = [
    ...(texts.length > 0 ? [`${column} IN (${values(texts)})`] : []),
    ...(keys.includes(null) ? [`${column} IS NULL`] : []),
  ];
  return parts.length === 0 ? "1 = 0" : `(${parts.join(" OR ")})`;
};
