import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A call that began now, as OTLP in JSON. @param spanId 16 hexadecimal digits. */
export const spanNow = (spanId = "b2".repeat(8)) => ({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              traceId: "a1".repeat(16),
              spanId,
              name: "chat",
              startTimeUnixNano: `${Date.now()}000000`,
              endTimeUnixNano: `${Date.now() + 10}000000`,
              attributes: [
                { key: "gen_ai.request.model", value: { stringValue: "gpt-4o" } },
                { key: "gen_ai.usage.cost_usd", value: { doubleValue: 0.25 } },
              ],
            },
          ],
        },
      ],
    },
  ],
});
