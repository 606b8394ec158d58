import { authorizationOf, isUnencrypted, normalUrl } from "../core/telemetry/openobserve/address";
import { OpenObserveClient } from "../core/telemetry/openobserve/client";
import { OpenObserveStore } from "../core/telemetry/openobserve/openObserveStore";
import { findStream } from "../core/telemetry/openobserve/discover";
import { TelemetryError, type TelemetryStore } from "../core/telemetry/store";
import type { SourceOptions } from "./sourceOptions";
import { UsageError } from "./usageError";

/** The store that a command's options and the environment name. Secrets come from the environment only. */
export async function openObserve({
  url,
  org,
  stream,
  "allow-http": allowHttp,
}: SourceOptions): Promise<TelemetryStore> {
  const {
    PROMPT_COST_OPENOBSERVE_TOKEN: token,
    PROMPT_COST_OPENOBSERVE_USER: user,
    PROMPT_COST_OPENOBSERVE_PASSWORD: password,
  } = process.env;
  if (url === undefined)
    throw new UsageError("--source openobserve needs --url, such as --url https://openobserve.example.com");
  if (!token && !(user && password))
    throw new UsageError(
      "set PROMPT_COST_OPENOBSERVE_TOKEN, or PROMPT_COST_OPENOBSERVE_USER and PROMPT_COST_OPENOBSERVE_PASSWORD",
    );
  try {
    const address = normalUrl(url);
    if (isUnencrypted(address) && allowHttp !== true)
      throw new UsageError(
        `${address} would get your password unencrypted, for anybody on the network to read; use an https:// address, or use --allow-http`,
      );
    const authorization = authorizationOf(token ? { token } : { user: user ?? "", password: password ?? "" });
    const client = new OpenObserveClient({ url: address, organization: org ?? "default", authorization });
    return new OpenObserveStore(client, stream ?? (await findStream(client)));
  } catch (error) {
    throw error instanceof TelemetryError ? new Error(`${error.message} ${error.nextStep}`) : error;
  }
}
