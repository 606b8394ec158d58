import * as vscode from "vscode";
import { DEFAULT_FORMAT } from "../core/estimate/format";
import { type Severity, severities } from "../core/findings/severity";
import { numberSettings, settings } from "./contributions";

/** The current settings, read again after every change. A value of the wrong type counts as not set. */
export interface Settings {
  codeLensEnabled: boolean;
  codeLensFormat: string;
  statusBarEnabled: boolean;
}

export function readSettings(scope?: vscode.ConfigurationScope): Settings {
  const configuration = vscode.workspace.getConfiguration(undefined, scope);
  const flag = (name: string): boolean => configuration.get<unknown>(name) !== false;
  const format = configuration.get<unknown>(settings.codeLensFormat);
  return {
    codeLensEnabled: flag(settings.codeLensEnabled),
    codeLensFormat: typeof format === "string" && format.trim() !== "" ? format : DEFAULT_FORMAT,
    statusBarEnabled: flag(settings.statusBarEnabled),
  };
}

/** The receiver's port, and what the local store keeps. */
export interface TelemetrySettings {
  port: number;
  retentionDays: number;
  maxMegabytes: number;
  /** Seconds between OpenObserve queries while spend is visible. */
  refreshSeconds: number;
}

export function readTelemetrySettings(): TelemetrySettings {
  const configuration = vscode.workspace.getConfiguration();
  const number = (name: keyof typeof numberSettings): number => {
    const { id, minimum, maximum, default: usual } = numberSettings[name];
    const value = configuration.get<unknown>(id);
    return typeof value === "number" && value >= minimum && value <= maximum ? value : usual;
  };
  return {
    port: Math.trunc(number("receiverPort")),
    retentionDays: number("retentionDays"),
    maxMegabytes: number("maxMegabytes"),
    refreshSeconds: number("refreshSeconds"),
  };
}

/** What tracked calls say of their team and environment; null where nothing is set. */
export function readTrackingSettings(scope: vscode.ConfigurationScope): {
  team: string | null;
  environment: string | null;
} {
  const configuration = vscode.workspace.getConfiguration(undefined, scope);
  const text = (name: string): string | null => {
    const value = configuration.get<unknown>(name);
    return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
  };
  return { team: text(settings.trackingTeam), environment: text(settings.trackingEnvironment) };
}

/** The severity that a finding was set to, by its id; undefined where it wasn't. */
export function readSeverities(scope: vscode.ConfigurationScope): (id: string) => Severity | "off" | undefined {
  const set = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(settings.findingSeverities);
  const values = new Map(typeof set === "object" && set !== null ? Object.entries(set) : []);
  return (id) => [...severities, "off" as const].find((severity) => severity === values.get(id));
}

/** Fires after a setting of ours has changed. */
export function onDidChangeSettings(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration("promptCost")) listener();
  });
}
