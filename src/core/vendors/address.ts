import { type Service, serviceNamed, serviceOf, services } from "./services";

/** Where a client's requests go, by the address that it is given. */
export interface Addressed {
  /** Null where the host is none that is known. */
  service: Service | null;
  /** The vendor whose prices a proxy passes on, where its address says which; `openai` otherwise. */
  behind: string;
  /** With the port where one is written. */
  host: string;
}

/** Stands in an address for what only the running program knows. */
export const HOLE = "hole-in-the-address";

/** Reads an address as a client does; null where it is none, or its host isn't known. */
export function addressOf(address: string): Addressed | null {
  const url = parsed(address);
  if (url === null) return null;
  const { hostname, host, pathname } = url;
  const found = services.find((one) => one.hosts.some((suffix) => isBelow(hostname, suffix)));
  if (found !== undefined) return { ...behindPath(found, pathname), host };
  const local = localServer(url);
  // `http://litellm:4000`, `https://vllm.corp.example`: named after the software that answers there.
  const named = serviceNamed(hostname);
  if (named?.id === "litellm" || (named?.kind === "local" && local === undefined))
    return { service: named, behind: "openai", host };
  if (local !== undefined) return { service: named?.kind === "local" ? named : local, behind: "openai", host };
  return hostname.includes(HOLE) ? null : { service: null, behind: "openai", host };
}

const isBelow = (host: string, suffix: string): boolean => host === suffix || host.endsWith(`.${suffix}`);

function parsed(address: string): URL | null {
  const trimmed = address.trim();
  const withScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(withScheme)) return null;
  const url = new URL(withScheme);
  return /^https?:$/.test(url.protocol) ? url : null;
}

/** Addresses of gateways name the service behind them: `/v1/ACCOUNT/GATEWAY/groq`, `/novita/v3/openai`. */
function behindPath(found: Service, path: string): Omit<Addressed, "host"> {
  const steps = path.split("/").filter(Boolean);
  if (found.id === "cloudflare") {
    const id = steps[3] === "azure-openai" ? "azure" : steps[3] === "grok" ? "x-ai" : steps[3];
    return { service: found, behind: serviceOf(id ?? "")?.id ?? "openai" };
  }
  const [first = ""] = steps;
  if (found.id === "huggingface" && !/^(v\d+|hf-inference|models)?$/.test(first))
    return { service: { ...found, id: `huggingface_${first}` }, behind: "openai" };
  return { service: found, behind: "openai" };
}

const ports: Record<string, string> = { "11434": "ollama", "1234": "lmstudio" };

/** The server on this machine or in its own network that an address leads to, by its port where that tells more. */
function localServer({ hostname, port }: URL): Service | undefined {
  const isHere =
    /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|host\.docker\.internal)$/.test(hostname) ||
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)\d+[.\d]*$/.test(hostname) ||
    /\.(localhost|local)$/.test(hostname) ||
    // A name without a dot is a machine beside this one, or a container.
    (!hostname.includes(".") && !hostname.includes(":") && hostname !== HOLE);
  const byPort = serviceOf(ports[port] ?? "");
  return byPort ?? (isHere ? serviceOf("local") : undefined);
}
