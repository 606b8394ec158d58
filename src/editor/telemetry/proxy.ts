import * as vscode from "vscode";
import type { Network } from "../../core/telemetry/connectForm";

/** VS Code's proxy settings for an address; without any, those of the environment hold. */
export function readProxy(address: string): Network {
  const http = vscode.workspace.getConfiguration("http");
  const strictTls = http.get<unknown>("proxyStrictSSL") !== false;
  if (http.get<unknown>("proxySupport") === "off") return { proxy: null, strictTls };
  const given = http.get<unknown>("proxy");
  if (typeof given !== "string" || given === "") return { strictTls };
  const excluded = http.get<unknown>("noProxy");
  const { hostname } = new URL(address);
  if (
    Array.isArray(excluded) &&
    excluded.some(
      (host) =>
        typeof host === "string" &&
        host !== "" &&
        (hostname === host || hostname.endsWith(`.${host.replace(/^[*.]+/, "")}`)),
    )
  )
    return { proxy: null, strictTls };
  try {
    const { protocol, hostname: host, port, username, password } = new URL(given);
    const auth =
      username === ""
        ? {}
        : { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } };
    return {
      proxy: {
        protocol: protocol.replace(":", ""),
        host,
        port: Number(port) || (protocol === "https:" ? 443 : 80),
        ...auth,
      },
      strictTls,
    };
  } catch {
    return { strictTls };
  }
}
