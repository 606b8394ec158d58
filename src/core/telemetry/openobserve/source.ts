import { messageOf } from "../../failure";
import type { SavedServer } from "../connectForm";
import type { RemoteProvider } from "../source";
import { authorizationOf, normalUrl } from "./address";
import { traceLink, tracesLink } from "./links";
import { quote } from "./quote";
import type { OpenObserveServer } from "./server";

/** A connection to OpenObserve, without its secret. */
export interface SavedConnection extends SavedServer {
  organization: string;
}

const isToken = (user: string | undefined): boolean => /^basic /i.test(user?.trim() ?? "");
const filled =
  (problem: string) =>
  (text: string): string | undefined =>
    text.trim() === "" ? problem : undefined;

/** A stream of traces on a server of OpenObserve. */
export const openObserveSource: RemoteProvider<SavedConnection, OpenObserveServer> = {
  name: "OpenObserve",
  title: "OpenObserve",
  isLocal: false,
  label: ({ organization, stream }) => `OpenObserve · ${organization} / ${stream}`,
  links: {
    trace: traceLink,
    traces: (saved, { dimension, value }, fromUs, toUs) =>
      tracesLink(
        saved,
        value === null ? `${dimension} IS NULL` : `${dimension}=${quote(value, "value")}`,
        fromUs,
        toUs,
      ),
  },
  form: {
    key: "openObserve",
    fields: [
      {
        name: "url",
        prompt: () => "Address of OpenObserve, with its path prefix if it has one",
        placeHolder: "https://openobserve.example.com/prefix",
        initial: (last) => last?.url,
        problem: (text) => {
          try {
            normalUrl(text);
            return undefined;
          } catch (error) {
            return messageOf(error);
          }
        },
      },
      {
        name: "organization",
        prompt: () => "Organisation, as it stands in OpenObserve's address bar (org_identifier)",
        initial: (last) => last?.organization ?? "default",
        problem: filled("Type the organisation's identifier."),
      },
      {
        name: "user",
        prompt: () => "E-mail, or a whole token that begins with “Basic ”. Kept in VS Code's secret storage.",
        problem: filled("Type an e-mail or a token."),
      },
      {
        name: "password",
        prompt: ({ user }) => `Password or passcode of ${user?.trim() ?? ""}. Kept in VS Code's secret storage.`,
        isSecret: true,
        isAsked: ({ user }) => !isToken(user),
      },
    ],
    read: ({ url = "", organization = "", user = "", password = "" }) => ({
      saved: { url: normalUrl(url), organization: organization.trim() },
      secret: authorizationOf(isToken(user) ? { token: user } : { user: user.trim(), password }),
    }),
    server: ({ url, organization }, authorization, network) => ({ url, organization, authorization, ...network }),
    details: ({ url, organization, stream }) => [
      { name: "Address", value: url },
      { name: "Organisation", value: organization },
      { name: "Stream", value: stream },
    ],
  },
};
