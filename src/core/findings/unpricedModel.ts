import { headEnd } from "../estimate/callHead";
import { PRICING_FILE } from "../pricing/tableFile";
import type { Finding } from "./finding";

export const unpricedModel: Finding<"call"> = {
  id: "unpricedModel",
  about: "call",
  severity: "hint",
  description: "A call's model is known, but neither the pricing table nor the built-in catalog has a price for it.",
  find({ call: { start, end, estimate }, text }) {
    if (estimate.model.name === null || estimate.price !== null) return [];
    return [
      {
        message: `No price for this call: ${estimate.priceReason ?? "its price is unknown"}. Add the model to ${PRICING_FILE} to price it.`,
        start,
        end: headEnd(text, start, end),
        fixes: [{ kind: "command", title: "Open the pricing table", command: "openPricingTable" }],
      },
    ];
  },
};
