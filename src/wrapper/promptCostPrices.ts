/** Stands for what the extension generates of the pricing table; it is never written into a workspace. */
export interface Row {
  input: number;
  cachedInput: number;
  output: number | null;
  /** What a service tier multiplies prices by; a tier that isn't here has no price. */
  factors: Partial<Record<string, number>>;
  /** Prices of longer prompts. */
  above?: { inputTokens: number; input: number; cachedInput: number; output: number | null };
}

export const prices: Record<"table" | "catalogue", Partial<Record<string, Row>>> = { table: {}, catalogue: {} };
