import { headEnd } from "../estimate/callHead";
import { howToPrice } from "../vendors/wording";
import type { Finding } from "./finding";

export const unpricedModel: Finding<"call"> = {
  id: "unpricedModel",
  about: "call",
  severity: "hint",
  description:
    "A call's model is known, but neither the pricing table nor the built-in catalog has a price for it, or who answers is not known.",
  find({ call: { start, end, estimate }, text }) {
    // A server that runs models itself asks nothing: there is no price to be missed.
    if (estimate.model.name === null || estimate.price !== null || estimate.vendor.kind === "local") return [];
    return [
      {
        message: `No price for this call: ${estimate.priceReason ?? "its price is unknown"}. ${howToPrice(estimate.model.name, estimate.vendor)}`,
        start,
        end: headEnd(text, start, end),
        fixes: [{ kind: "command", title: "Open the pricing table", command: "openPricingTable" }],
      },
    ];
  },
};
