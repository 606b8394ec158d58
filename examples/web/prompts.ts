export const MODELS = { fast: "gpt-4o-mini", careful: "gpt-4o" } as const;

export const SEARCH = `You turn a customer's words into a search in the shop's catalogue.
Answer with JSON: {"terms": string[], "maxPrice": number | null}.`;
