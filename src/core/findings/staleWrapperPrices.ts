import { isOwn } from "../instrument/wrapperNames";
import { PRICING_FILE } from "../pricing/tableFile";
import type { Finding } from "./finding";

export const staleWrapperPrices: Finding<"wrapperPrices"> = {
  id: "staleWrapperPrices",
  about: "wrapperPrices",
  severity: "warning",
  description: "The prices that a wrapper reports costs with differ from the pricing table and the built-in catalog.",
  find: ({ text, wanted }) =>
    text === wanted || !isOwn(text)
      ? []
      : [
          {
            message: `These prices differ from ${PRICING_FILE} and the built-in catalog: tracked calls report their cost at old prices.`,
            start: 0,
            end: Math.min(80, text.length),
            fixes: [{ kind: "command", title: "Update the wrapper's prices", command: "updateWrapper" }],
          },
        ],
};
