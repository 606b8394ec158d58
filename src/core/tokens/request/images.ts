import type { Confidence } from "../confidence";
import { baseModel } from "../models";

/** Width and height in pixels. */
export interface ImageSize {
  width: number;
  height: number;
}

/**
 * How models charge for images, by the beginning of the name; the first row that matches counts.
 * Source: OpenAI's guide "Images and vision", section "Calculating costs"; the multipliers of patches since gpt-5 are
 * fitted on real exchanges, where the guide's are too high.
 */
const rules: readonly { models: RegExp; base?: number; tile?: number; patch?: number }[] = [
  { models: /^gpt-4\.1-mini/, patch: 1.62 },
  { models: /^gpt-4\.1-nano/, patch: 2.46 },
  { models: /^gpt-5(\.\d+)?-nano/, patch: 1.5 },
  { models: /^(gpt-5(\.\d+)?-mini|gpt-5\.[4-9]|gpt-[6-9])/, patch: 1.2 },
  { models: /^o4-mini/, patch: 1.72 },
  { models: /^gpt-4o-mini/, base: 2833, tile: 5667 },
  { models: /^gpt-5/, base: 70, tile: 140 },
  { models: /^(o1|o3)/, base: 75, tile: 150 },
  { models: /^computer-use-preview/, base: 65, tile: 129 },
  { models: /^gpt-4/, base: 85, tile: 170 },
];

const TILE = 512;
const PATCH = 32;
const MAX_PATCHES = 1536;
/** Tokens that stand around an image of patches. */
const AROUND_PATCHES = 1;

export interface ImageTokens {
  tokens: number;
  confidence: Confidence;
}

/**
 * Tokens of one image.
 * @param detail `low`, `high` or `auto`, as in the request.
 * @param size undefined where the image is elsewhere: then the least that it can cost.
 */
export function imageTokens(model: string, detail: string | undefined, size: ImageSize | undefined): ImageTokens {
  const rule = rules.find((row) => row.models.test(baseModel(model)));
  if (rule === undefined) return { tokens: 0, confidence: "lowerBound" };
  if (rule.patch !== undefined) {
    const tokens = Math.ceil((size === undefined ? 1 : patches(size)) * rule.patch) + AROUND_PATCHES;
    return { tokens, confidence: size === undefined ? "lowerBound" : "estimated" };
  }
  const { base = 0, tile = 0 } = rule;
  if (detail === "low") return { tokens: base, confidence: "exact" };
  if (size === undefined) return { tokens: base, confidence: "lowerBound" };
  return { tokens: base + tile * tiles(size), confidence: "exact" };
}

/** High detail: fit into 2048 × 2048, then the shorter side to 768, then tiles of 512. */
function tiles({ width, height }: ImageSize): number {
  const fit = Math.min(1, 2048 / Math.max(width, height));
  const shrink = Math.min(1, 768 / Math.min(width * fit, height * fit));
  const side = (length: number): number => Math.ceil(Math.round(length * fit * shrink) / TILE);
  return side(width) * side(height);
}

function patches({ width, height }: ImageSize): number {
  const count = (scale: number): number => Math.ceil((width * scale) / PATCH) * Math.ceil((height * scale) / PATCH);
  if (count(1) <= MAX_PATCHES) return count(1);
  return Math.min(MAX_PATCHES, count(Math.sqrt((MAX_PATCHES * PATCH * PATCH) / (width * height))));
}

/** The size that a `data:` URL's PNG, GIF or JPEG gives in its header; undefined for other addresses. */
export function sizeOfDataUrl(url: string): ImageSize | undefined {
  const match = /^data:image\/[\w.+-]+;base64,/.exec(url);
  if (match === null) return undefined;
  const bytes = Buffer.from(url.slice(match[0].length, match[0].length + 400_000), "base64");
  if (bytes.length > 24 && bytes.readUInt32BE(0) === 0x89504e47)
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (bytes.length > 10 && bytes.toString("latin1", 0, 3) === "GIF")
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return jpegSize(bytes);
}

/** Walks over the segments of a JPEG to the frame header (SOF0 to SOF15 but DHT, JPG and DAC). */
function jpegSize(bytes: Buffer): ImageSize | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}
