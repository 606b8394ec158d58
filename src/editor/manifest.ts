import { severities } from "../core/findings/severity";
import { findings } from "../core/findings/registry";
import { languageIdentifiers } from "../core/languages/registry";
import { PRICING_FILE } from "../core/pricing/tableFile";
import { DEFAULT_PORT } from "../core/telemetry/defaults";
import { commandList, settingList, settings, views } from "./contributions";

/**
 * What package.json and the README say of commands, settings, menus and languages. `build/manifest.mjs` writes it
 * there; nothing of this is part of the extension.
 */

type Json = Record<string, unknown>;

const isCode = `editorLangId =~ /^(${languageIdentifiers.join("|")})$/`;
const isSpend = `view == ${views.spend}`;

/** The manifest with all that derives from the lists, and everything else as it was. */
export function withContributions(manifest: Json): Json {
  const capabilities = manifest["capabilities"] as { untrustedWorkspaces: Json };
  return {
    ...manifest,
    activationEvents: [
      ...languageIdentifiers.map((identifier) => `onLanguage:${identifier}`),
      `workspaceContains:${PRICING_FILE}`,
      `onWebviewPanel:${views.dashboard}`,
    ],
    capabilities: {
      ...capabilities,
      untrustedWorkspaces: {
        ...capabilities.untrustedWorkspaces,
        restrictedConfigurations: settingList
          .filter(({ scope, isFree }) => scope !== "machine" && isFree !== true)
          .map(({ id }) => id),
      },
    },
    contributes: { ...(manifest["contributes"] as Json), ...contributes() },
  };
}

const contributes = (): Json => ({
  commands: commandList.map(({ id, title, icon }) => ({
    command: id,
    title,
    category: "Prompt Cost",
    ...(icon === undefined ? {} : { icon }),
  })),
  menus: {
    commandPalette: commandList
      .filter(({ needsCode }) => needsCode === true)
      .map(({ id }) => ({ command: id, when: isCode })),
    "view/title": commandList
      .flatMap(({ id, inView }) => (inView === undefined ? [] : [{ command: id, when: isSpend, group: inView }]))
      .sort((a, b) => menuOrder(a.group).localeCompare(menuOrder(b.group))),
    "editor/context": commandList.flatMap(({ id, inEditor }) =>
      inEditor === undefined ? [] : [{ command: id, when: isCode, group: inEditor }],
    ),
  },
  configuration: {
    title: "Prompt Cost Lens",
    properties: Object.fromEntries(settingList.map((setting) => [setting.id, property(setting)])),
  },
  jsonValidation: [{ fileMatch: PRICING_FILE, url: "./dist/pricing.schema.json" }],
  configurationDefaults: {
    "remote.portsAttributes": { [DEFAULT_PORT]: { label: "Prompt Cost receiver", onAutoForward: "ignore" } },
  },
});

/** `navigation` is the row of icons, and comes first. */
const menuOrder = (group: string): string => (group.startsWith("navigation") ? `0${group}` : group);

function property(setting: (typeof settingList)[number]): Json {
  const { default: usual, scope, description } = setting;
  return {
    type: "isWhole" in setting ? "integer" : typeof usual,
    default: usual,
    ...(setting.id === settings.findingSeverities ? severityProperties() : {}),
    ...("minimum" in setting ? { minimum: setting.minimum, maximum: setting.maximum } : {}),
    scope,
    [description.includes("`") ? "markdownDescription" : "description"]: description,
  };
}

const severityProperties = (): Json => ({
  properties: Object.fromEntries(
    findings.map(({ id, severity, description }) => [
      id,
      { type: "string", enum: [...severities, "off"], default: severity, description },
    ]),
  ),
  additionalProperties: false,
});

/** Tables of the README, by the name in the comments around them: `<!-- settings -->` … `<!-- /settings -->`. */
const readmeTables: Record<string, () => string> = {
  findings: () =>
    table(
      ["Finding", "Severity", ""],
      findings.map(({ id, severity, description }) => [`\`${id}\``, severity, description]),
    ),
  settings: () =>
    table(
      ["Setting", "Default", ""],
      settingList.map(({ id, default: usual, description }) => [
        `\`${id}\``,
        usual === "" ? "" : `\`${JSON.stringify(usual).replace(/^"|"$/g, "")}\``,
        /^.*?\.(?= |$)/m.exec(description)?.[0] ?? description,
      ]),
    ),
};

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The README with its tables as they are now. @throws where a table has no place in it. */
export function withTables(readme: string): string {
  return Object.entries(readmeTables).reduce((text, [name, make]) => {
    const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- /${name} -->)`);
    if (!place.test(text)) throw new Error(`README.md has no place for its table of ${name}`);
    return text.replace(place, (_all, before: string, after: string) => `${before}${make()}${after}`);
  }, readme);
}
