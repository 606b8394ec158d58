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

/** The sidebar's view, and the dashboard's kind of editor tab. */
export const views = { spend: "promptCost.spend", dashboard: "promptCost.dashboard" } as const;
