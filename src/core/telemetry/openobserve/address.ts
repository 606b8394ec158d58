import { TelemetryError } from "../store";

/** The header for an e-mail and a password, or for a token as the UI of OpenObserve shows it. */
export function authorizationOf(given: { token: string } | { user: string; password: string }): string {
  if ("token" in given)
    return /^(basic|bearer) /i.test(given.token.trim()) ? given.token.trim() : `Basic ${given.token.trim()}`;
  return `Basic ${Buffer.from(`${given.user}:${given.password}`, "utf8").toString("base64")}`;
}

/** An address as a person types it, made whole. @throws TelemetryError where it is none. */
export function normalUrl(text: string): string {
  const typed = text.trim();
  try {
    const url = new URL(/^[a-z]+:\/\//i.test(typed) ? typed : `https://${typed}`);
    if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error("scheme");
    if (url.username !== "" || url.password !== "")
      throw new TelemetryError(
        "bad-address",
        "The address must not hold a user or a password.",
        "Give them when you are asked for them.",
      );
    // Somebody who copies from the browser brings the page's path along.
    return `${url.origin}${url.pathname.replace(/\/(web|api)(\/.*)?$/, "").replace(/\/+$/, "")}`;
  } catch (error) {
    if (error instanceof TelemetryError) throw error;
    throw new TelemetryError(
      "bad-address",
      `"${text}" is no address.`,
      "Type one such as https://openobserve.example.com/prefix.",
    );
  }
}

/** Whether an address is of this machine: `localhost`, 127.0.0.0/8 or `[::1]`. What is sent there crosses no network. */
export function isThisMachine(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === "localhost" || /^127(\.\d{1,3}){3}$/.test(hostname) || hostname === "[::1]";
}

/** Whether credentials would cross a network unencrypted on their way to an address. */
export const isUnencrypted = (address: string): boolean =>
  new URL(address).protocol === "http:" && !isThisMachine(address);
