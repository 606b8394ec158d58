/** `service.name` of sample traffic: it marks it, and finds it again to remove it. */
export const SAMPLE_SERVICE = "prompt-cost-sample";
