import type { AnyFinding } from "./finding";
import { invalidPricingTable } from "./invalidPricingTable";
import { pricesToReview } from "./pricesToReview";
import { staleWrapperPrices } from "./staleWrapperPrices";
import { unpricedModel } from "./unpricedModel";

/** All findings: settings, the README's table and what the editor shows derive from this list. */
export const findings: readonly AnyFinding[] = [invalidPricingTable, pricesToReview, staleWrapperPrices, unpricedModel];
