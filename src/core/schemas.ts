import { pricingTableJsonSchema } from "./pricing/table";
import { scanOutputJsonSchema } from "./scan/output";

/** JSON schemas that the build writes beside the code, by the name of their file. */
export const schemas: Record<string, object> = { pricing: pricingTableJsonSchema(), scan: scanOutputJsonSchema() };
