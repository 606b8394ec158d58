import { counted } from "../../figures";

/** What an owner says of its store, in words. */
export const REMOVED = "The local store's file was removed or replaced while it was open. A new one was begun.";
export const TORN =
  "The last batch in the local store's log is incomplete, as after a power cut, and was left out. Its sender was not told that it is stored.";
export const OVERWRITTEN = "The local store's files were overwritten by another program while it was open.";
export const keptAs = (aside: string): string =>
  `It is kept as ${aside}, and a new one was begun. Save what can be read with prompt-cost store recover --db ${aside}.`;
export const OVER_LIMIT = "The calls of today alone are larger than the local store's size limit.";
export const emptied = (lost: number): string =>
  `The log of the local store was emptied or cut by another program while it was open: ${counted(lost, "call")} of those received last ${lost === 1 ? "is" : "are"} lost.`;
