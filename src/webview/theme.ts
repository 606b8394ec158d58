import type { Member } from "../core/insight/insight";

/** Colours of the editor's theme, for what is drawn on a canvas. */
export interface Theme {
  text: string;
  faint: string;
  line: string;
  background: string;
  series: string[];
  others: string;
}

const names = ["blue", "orange", "green", "purple", "red", "yellow"] as const;
const fallbacks = {
  blue: "#3794ff",
  orange: "#d18616",
  green: "#89d185",
  purple: "#b180d7",
  red: "#f14c4c",
  yellow: "#cca700",
};

export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const color = (name: string, fallback: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || fallback;
  const background = color("editor-background", "#fff");
  // Some themes give a colour of charts that barely differs from the background.
  const series = (name: (typeof names)[number]): string => {
    const own = color(`charts-${name}`, fallbacks[name]);
    return contrast(own, background) < MIN_CONTRAST ? fallbacks[name] : own;
  };
  return {
    text: color("foreground", "#888"),
    faint: color("descriptionForeground", "#888"),
    line: color("panel-border", color("widget-border", "#8884")),
    background,
    series: names.map(series),
    others: color("disabledForeground", "#888"),
  };
}

/** Runs something whenever the person chooses another theme. */
export function onThemeChange(run: () => void): () => void {
  const observer = new MutationObserver(run);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** The colour of a series or a slice: what doesn't stand for itself is grey. */
export const colorOf = (theme: Theme, index: number, role: Member["role"]): string =>
  role === "value" ? (theme.series[index % theme.series.length] ?? theme.text) : theme.others;

/** What drawn things need against their background (WCAG 2, 1.4.11). */
const MIN_CONTRAST = 3;

function contrast(one: string, background: string): number {
  const [front, back] = [parse(one), parse(background)];
  if (front === null || back === null) return 21;
  // What shows through a colour is mixed into it.
  const mixed = front.parts.map((part, at) => part * front.alpha + (back.parts[at] ?? 0) * (1 - front.alpha));
  const [a, b] = [luminance(mixed), luminance(back.parts)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Reads `#rrggbb`, `#rrggbbaa`, `rgb(…)` and `rgba(…)`; null of anything else. */
function parse(color: string): { parts: number[]; alpha: number } | null {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})?$/i
    .exec(color)
    ?.slice(1)
    .map((part: string | undefined) => (part === undefined ? 255 : Number.parseInt(part, 16)));
  if (hex !== undefined) return { parts: hex.slice(0, 3), alpha: (hex[3] ?? 255) / 255 };
  const parts = /^rgba?\(([^)]*)\)/
    .exec(color)?.[1]
    ?.split(/[ ,/]+/)
    .map(Number);
  return parts === undefined || parts.length < 3 ? null : { parts: parts.slice(0, 3), alpha: parts[3] ?? 1 };
}

/** Relative luminance (WCAG 2). */
function luminance(parts: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
