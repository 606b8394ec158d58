import type { Finding } from "./finding";

export const invalidPricingTable: Finding<"pricingTable"> = {
  id: "invalidPricingTable",
  about: "pricingTable",
  severity: "error",
  description: "The pricing table has a mistake, so that it can't be used.",
  find: ({ result: { problems }, hasLastValid }) =>
    problems.map(({ message, start, end }) => ({
      message: `${message} (${hasLastValid ? "Until this is fixed, the last valid table is used." : "Until this is fixed, built-in prices are used."})`,
      start,
      end,
      fixes: [],
    })),
};
