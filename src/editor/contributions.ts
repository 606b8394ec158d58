import { DEFAULT_PORT, defaultLimits } from "../core/telemetry/defaults";

/**
 * Commands and settings, declared once: a test compares them with package.json, so that neither can have what
 * the other lacks.
 */
export const commands = {
  showBreakdown: "promptCost.showBreakdown",
  openPricingTable: "promptCost.openPricingTable",
  toggleCodeLens: "promptCost.toggleCodeLens",
  showLog: "promptCost.showLog",
  restartWorkers: "promptCost.restartWorkers",
  connectOpenObserve: "promptCost.connectOpenObserve",
  disconnectOpenObserve: "promptCost.disconnectOpenObserve",
  startReceiver: "promptCost.startReceiver",
  stopReceiver: "promptCost.stopReceiver",
  clearLocalStore: "promptCost.clearLocalStore",
  showConnection: "promptCost.showConnection",
  openDashboard: "promptCost.openDashboard",
  refreshSpend: "promptCost.refreshSpend",
  sendSample: "promptCost.sendSample",
  removeSample: "promptCost.removeSample",
  instrumentCall: "promptCost.instrumentCall",
  instrumentFile: "promptCost.instrumentFile",
  instrumentWorkspace: "promptCost.instrumentWorkspace",
  removeTracking: "promptCost.removeTracking",
  removeTrackingEverywhere: "promptCost.removeTrackingEverywhere",
  updateWrapper: "promptCost.updateWrapper",
} as const;

export const settings = {
  codeLensEnabled: "promptCost.codeLens.enabled",
  codeLensFormat: "promptCost.codeLens.format",
  statusBarEnabled: "promptCost.statusBar.enabled",
  receiverPort: "promptCost.receiver.port",
  retentionDays: "promptCost.localStore.retentionDays",
  maxMegabytes: "promptCost.localStore.maxMegabytes",
  refreshSeconds: "promptCost.openObserve.refreshSeconds",
  trackingTeam: "promptCost.tracking.team",
  trackingEnvironment: "promptCost.tracking.environment",
} as const;

/** A number that a setting holds: what it may be, and what it is where nothing is set. */
interface NumberSetting {
  minimum: number;
  maximum: number;
  default: number;
}

export const numberSettings = {
  [settings.receiverPort]: { minimum: 1, maximum: 65_535, default: DEFAULT_PORT },
  [settings.retentionDays]: { minimum: 1, maximum: 3650, default: defaultLimits.retentionDays },
  [settings.maxMegabytes]: { minimum: 10, maximum: 100_000, default: defaultLimits.maxBytes / 1_000_000 },
  [settings.refreshSeconds]: { minimum: 5, maximum: 3600, default: 15 },
} as const satisfies Record<string, NumberSetting>;

/** The sidebar's view, and the dashboard's kind of editor tab. */
export const views = { spend: "promptCost.spend", dashboard: "promptCost.dashboard" } as const;
