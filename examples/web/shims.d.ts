/** Lets the examples open without installing anything; a real project has the packages instead. */
declare module "openai";
declare const process: { env: Record<string, string | undefined> };
