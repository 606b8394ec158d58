export const severities = ["error", "warning", "information", "hint"] as const;
/** As the editor shows it: a hint has faint dots and its fixes, and isn't listed among the problems. */
export type Severity = (typeof severities)[number];
