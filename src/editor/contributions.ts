import { DEFAULT_PORT, defaultLimits } from "../core/telemetry/defaults";
import { DEFAULT_FORMAT, placeholders } from "../core/estimate/format";

/**
 * Commands and settings, declared once: `npm run format` writes them into package.json and the README (see
 * `manifest.ts`), and `npm run lint` fails where those are out of step.
 */
interface Command {
  title: string;
  icon?: string;
  /** Only offered where the active document is in a language that is read. */
  needsCode?: true;
  /** Group and place in the menu of the sidebar's view, and in the editor's context menu. */
  inView?: string;
  inEditor?: string;
}

const commandTable = {
  showBreakdown: { title: "Show Cost Breakdown", icon: "$(credit-card)", needsCode: true },
  openPricingTable: { title: "Open Pricing Table", inView: "4_prices@1" },
  toggleCodeLens: { title: "Toggle Cost CodeLens" },
  showLog: { title: "Show Log" },
  restartWorkers: { title: "Restart Workers" },
  connectOpenObserve: { title: "Connect to OpenObserve", inView: "1_source@1" },
  disconnectOpenObserve: { title: "Disconnect from OpenObserve", inView: "1_source@2" },
  startReceiver: { title: "Start Receiver", inView: "2_receiver@1" },
  stopReceiver: { title: "Stop Receiver", inView: "2_receiver@2" },
  clearLocalStore: { title: "Clear Local Store", inView: "3_sample@3" },
  showConnection: { title: "Show Connection Details", inView: "1_source@3" },
  openDashboard: { title: "Open Cost Dashboard", icon: "$(graph)", inView: "navigation@1" },
  refreshSpend: { title: "Refresh Spend", icon: "$(refresh)", inView: "navigation@2" },
  sendSample: { title: "Send Sample Traffic", inView: "3_sample@1" },
  removeSample: { title: "Remove Sample Traffic", inView: "3_sample@2" },
  instrumentCall: { title: "Instrument This Call", needsCode: true, inEditor: "1_modification@90" },
  instrumentFile: { title: "Instrument All Calls of This File", needsCode: true },
  instrumentWorkspace: { title: "Instrument All Calls in the Workspace…" },
  removeTracking: { title: "Stop Tracking This Call", needsCode: true, inEditor: "1_modification@91" },
  removeTrackingEverywhere: { title: "Stop Tracking Everywhere…" },
  updateWrapper: { title: "Update Wrapper" },
} as const satisfies Record<string, Command>;

type CommandName = keyof typeof commandTable;
export const commandList: readonly (Command & { id: string })[] = Object.entries<Command>(commandTable).map(
  ([name, command]) => ({ id: `promptCost.${name}`, ...command }),
);
/** Each command's id. */
export const commands = Object.fromEntries(
  Object.keys(commandTable).map((name) => [name, `promptCost.${name}`]),
) as Readonly<{ [N in CommandName]: `promptCost.${N}` }>;

interface Setting {
  id: string;
  /** What the setting is where nothing is set. */
  default: boolean | string | number | Readonly<Record<string, never>>;
  scope: "language-overridable" | "machine" | "machine-overridable" | "resource";
  /** Markdown. Its first sentence is the README's, too. */
  description: string;
  /** A workspace that isn't trusted may set it: it only shows or hides something. */
  isFree?: true;
}

/** A number that a setting holds. `isWhole` where it has no fraction. */
interface NumberSetting extends Setting {
  default: number;
  minimum: number;
  maximum: number;
  isWhole?: true;
}

const numberTable = {
  receiverPort: {
    id: "promptCost.receiver.port",
    default: DEFAULT_PORT,
    minimum: 1,
    maximum: 65_535,
    isWhole: true,
    scope: "machine",
    description: `Port on 127.0.0.1 where OpenTelemetry is received (OTLP over HTTP). Point \`OTEL_EXPORTER_OTLP_ENDPOINT\` at \`http://127.0.0.1:${DEFAULT_PORT}\`.`,
  },
  retentionDays: {
    id: "promptCost.localStore.retentionDays",
    default: defaultLimits.retentionDays,
    minimum: 1,
    maximum: 3650,
    scope: "machine",
    description: "Days for which calls are kept in the local store.",
  },
  maxMegabytes: {
    id: "promptCost.localStore.maxMegabytes",
    default: defaultLimits.maxBytes / 1_000_000,
    minimum: 10,
    maximum: 100_000,
    scope: "machine",
    description: "Size of the local store, in megabytes, above which its oldest days are dropped.",
  },
  refreshSeconds: {
    id: "promptCost.openObserve.refreshSeconds",
    default: 15,
    minimum: 5,
    maximum: 3600,
    scope: "machine-overridable",
    description:
      "Seconds between OpenObserve queries while the sidebar or dashboard is visible. Nothing is queried while both are hidden.",
  },
} as const satisfies Record<string, NumberSetting>;

const settingTable = {
  codeLensEnabled: {
    id: "promptCost.codeLens.enabled",
    default: true,
    scope: "language-overridable",
    description: "Show what each OpenAI call costs, above the call.",
    isFree: true,
  },
  codeLensFormat: {
    id: "promptCost.codeLens.format",
    default: DEFAULT_FORMAT,
    scope: "language-overridable",
    description: `What is shown above a call. Text with these figures; a part between \` · \` that comes out empty is left out:\n\n${Object.entries(
      placeholders,
    )
      .map(([name, text]) => `- \`{${name}}\`: ${text}`)
      .join("\n")}`,
  },
  statusBarEnabled: {
    id: "promptCost.statusBar.enabled",
    default: true,
    scope: "language-overridable",
    description: "Show the number of calls in the active file and their total cost in the status bar.",
    isFree: true,
  },
  findingSeverities: {
    id: "promptCost.findings.severity",
    default: {},
    scope: "resource",
    description: "Severity of each finding, where it isn't the usual one, or `off`.",
    isFree: true,
  },
  ...numberTable,
  trackingTeam: {
    id: "promptCost.tracking.team",
    default: "",
    scope: "resource",
    description:
      "Team of the calls that are instrumented from now on. If empty, `PROMPT_COST_TEAM` in the environment of the running program decides.",
  },
  trackingEnvironment: {
    id: "promptCost.tracking.environment",
    default: "",
    scope: "resource",
    description:
      "Environment of the calls that are instrumented from now on. Usually empty: `PROMPT_COST_ENVIRONMENT` in the environment of the running program decides.",
  },
} as const satisfies Record<string, Setting | NumberSetting>;

type SettingName = keyof typeof settingTable;
export const settingList: readonly (Setting | NumberSetting)[] = Object.values(settingTable);
/** Each setting's id. */
export const settings = Object.fromEntries(
  Object.entries(settingTable).map(([name, { id }]) => [name, id]),
) as Readonly<{ [N in SettingName]: (typeof settingTable)[N]["id"] }>;
/** Settings that hold numbers, by their names here. */
export const numberSettings: Readonly<Record<keyof typeof numberTable, NumberSetting>> = numberTable;

/** The sidebar's view, and the dashboard's kind of editor tab. */
export const views = { spend: "promptCost.spend", dashboard: "promptCost.dashboard" } as const;
