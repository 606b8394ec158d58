/** Addresses of pages of OpenObserve's own user interface. Times are microseconds. */
interface Place {
  url: string;
  organization: string;
  stream: string;
}

/** Around a trace, as OpenObserve pads it itself: its spans may begin earlier and end later than the call. */
const AROUND_US = 10_000_000;
/** A call's trace may have begun long before the call. */
const BEFORE_US = 600_000_000;

/** @throws where the address would lead anywhere but to a page of the server. */
function page({ url, organization, stream }: Place, path: string, parameters: Record<string, string>): string {
  const query = new URLSearchParams({ stream, ...parameters, org_identifier: organization }).toString();
  const link = new URL(`${url}/web/${path}?${query}`);
  if (!/^https?:$/.test(link.protocol) || link.origin !== new URL(url).origin || link.username !== "")
    throw new Error(`${url} is no address of a server`);
  return link.href;
}

export const traceLink = (place: Place, traceId: string, startUs: number): string =>
  page(place, "traces/trace-details", {
    trace_id: traceId,
    from: String(Math.floor(startUs - BEFORE_US)),
    to: String(Math.ceil(startUs + BEFORE_US + AROUND_US)),
  });

/** The traces of a range, filtered by an SQL condition. */
export const tracesLink = (place: Place, condition: string, fromUs: number, toUs: number): string =>
  page(place, "traces", {
    from: String(Math.floor(fromUs)),
    to: String(Math.ceil(toUs)),
    query: Buffer.from(condition).toString("base64url"),
  });
