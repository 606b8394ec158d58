/** Colours of the editor's theme, for what is drawn on a canvas. */
export interface Theme {
  text: string;
  faint: string;
  line: string;
  background: string;
  series: string[];
  rest: string;
}

const names = ["blue", "orange", "green", "purple", "red", "yellow"] as const;
const fallbacks = { blue: "#3794ff", orange: "#d18616", green: "#89d185", purple: "#b180d7", red: "#f14c4c", yellow: "#cca700" };

export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const color = (name: string, fallback: string): string => style.getPropertyValue(`--vscode-${name}`).trim() || fallback;
  return {
    text: color("foreground", "#888"),
    faint: color("descriptionForeground", "#888"),
    line: color("panel-border", color("widget-border", "#8884")),
    background: color("editor-background", "#fff"),
    series: names.map((name) => color(`charts-${name}`, fallbacks[name])),
    rest: color("disabledForeground", "#888"),
  };
}

/** Runs something whenever the person chooses another theme. */
export function onThemeChange(run: () => void): () => void {
  const observer = new MutationObserver(run);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** The colour of a series: the sum of all others is grey. */
export const colorOf = (theme: Theme, index: number, name: string): string => (name === "all others" || name === "can't be told" ? theme.rest : (theme.series[index % theme.series.length] ?? theme.text));
