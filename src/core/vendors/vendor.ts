import type { Client } from "./client";
import { type Addressed, addressOf } from "./address";
import { OPENAI, type Service, serviceNamed, serviceOf } from "./services";

export const vendorKinds = ["own", "other", "proxy", "local", "unknown"] as const;

/** What told who answers: the client's address, its class, a name such as the key's, the model's name; or nothing did. */
export const deciders = ["address", "class", "name", "model", "assumed"] as const;

/** Who answers a call, and at whose prices, as far as the code tells. Plain data: it goes through the worker's protocol. */
export interface Vendor {
  /** A service's id; `unknown` where it isn't known. */
  id: string;
  /** In words, such as `OpenRouter`; of an unknown one what is known of it. */
  name: string;
  kind: (typeof vendorKinds)[number];
  /** The host, with the port where one is written; null where no address was seen. */
  host: string | null;
  /** The vendor whose prices count: behind a proxy another one than `id`. */
  prices: string;
  /** That vendor, as people say it. */
  pricesName: string;
  decidedBy: (typeof deciders)[number];
  /** Whether callers, or the environment, can replace what told. */
  isDefault: boolean;
}

/** Where no client is seen, and none that says otherwise: OpenAI, as its packages assume. */
export const ASSUMED: Vendor = /* @__PURE__ */ made(OPENAI, "assumed");

/**
 * Who answers a call.
 * @param clients what may have made the call's client; none where it isn't seen
 */
export function vendorOf(clients: readonly Client[]): Vendor {
  const [first = ASSUMED, ...others] = clients.map(vendorOfClient);
  const all = [first, ...others];
  if (others.every((one) => one.id === first.id && one.prices === first.prices && one.host === first.host))
    return { ...first, isDefault: all.some(({ isDefault }) => isDefault) };
  const names = [...new Set(all.map(({ name }) => name))];
  // OpenAI's models cost the same at whoever sells them at its prices.
  if (all.every(({ kind }) => kind === "own")) return { ...first, name: names.join(" or "), isDefault: true };
  if (all.every(({ id }) => id === first.id)) return { ...first, host: null, isDefault: true };
  if (all.every(({ kind }) => kind === "local"))
    return { ...made(serviceOf("local") ?? OPENAI, first.decidedBy), isDefault: true };
  return unknown(names.join(" or "), null, "address");
}

function made(service: Service, decidedBy: Vendor["decidedBy"]): Vendor {
  const prices = service.kind === "proxy" ? OPENAI : service;
  return {
    id: service.id,
    name: service.name,
    kind: service.kind,
    host: null,
    prices: prices.id,
    pricesName: prices.name,
    decidedBy,
    isDefault: false,
  };
}

/** The same vendor, asking what another one asks. */
export const atPricesOf = (prices: string, vendor: Vendor): Vendor => ({
  ...vendor,
  prices,
  pricesName: serviceOf(prices)?.name ?? prices,
});

/** The vendor that a model's name tells. */
export const vendorByModel = (service: Service): Vendor => made(service, "model");

const unknown = (name: string, host: string | null, decidedBy: Vendor["decidedBy"]): Vendor => ({
  id: "unknown",
  name,
  kind: "unknown",
  host,
  prices: "unknown",
  pricesName: "",
  decidedBy,
  isDefault: false,
});

function vendorOfClient({ made: name, address, key, around }: Client): Vendor {
  const byClass = name === null ? undefined : serviceNamed(name);
  const byKey = key === null ? undefined : serviceNamed(key);
  if (address.kind === "known") {
    const found = addressOf(address.url);
    if (found !== null) return { ...addressed(found, byClass), isDefault: address.isDefault };
  }
  if (address.kind === "none") {
    if (byClass !== undefined) return { ...made(byClass, "class"), isDefault: address.isDefault };
    // With another vendor's key, OpenAI would refuse: the environment has the address.
    if (byKey !== undefined) return made(byKey, "name");
    return { ...ASSUMED, decidedBy: name === null ? "assumed" : "class", isDefault: address.isDefault };
  }
  const named =
    serviceNamed(address.expression) ?? byClass ?? byKey ?? (around === null ? undefined : serviceNamed(around));
  return named === undefined
    ? unknown(`address from ${address.expression}`, null, "address")
    : made(named, named === byClass ? "class" : "name");
}

/** Azure's client also talks to Azure through a gateway of one's own. */
function addressed({ service, behind, host }: Addressed, byClass: Service | undefined): Vendor {
  const known = service ?? (byClass?.id === "azure" ? byClass : null);
  if (known === null) return unknown(`host ${host}`, host, "address");
  const vendor = { ...made(known, "address"), host };
  return known.kind === "proxy" ? atPricesOf(behind, vendor) : vendor;
}
