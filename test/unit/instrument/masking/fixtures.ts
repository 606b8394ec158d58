import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { root } from "../../support";

const folder = path.join(root, "test", "unit", "instrument", "masking");
/** Samples are written with a mark inside of their keys, so that scanners of repositories don't take them for real. */
const read = (file: string): string => readFileSync(path.join(folder, file), "utf8").replaceAll("¦", "");

/** What is masked, in every language of the wrapper: a text, and what it becomes. */
export const samples = JSON.parse(read("samples.json")) as { text: string; masked: string }[];
/** Units that, many times over, make a text that a careless pattern reads again and again. */
export const hostile = JSON.parse(read("hostile.json")) as string[];
/** Whole pages in which nothing is masked. */
export const pages = readdirSync(path.join(folder, "pages")).map((name) => ({
  name,
  text: read(path.join("pages", name)),
}));

/** Texts of these lengths are compared: 8 times the length takes 8 times as long, or 64 times where it is read again and again. */
export const LENGTHS = [25_000, 200_000] as const;

/** Milliseconds that both lengths took → whether time grows with the text; what takes no time to speak of does. */
export const isLinear = ([short, long]: readonly [number, number]): boolean => long < 50 || long < 24 * short;
