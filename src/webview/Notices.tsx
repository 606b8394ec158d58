import type { ComponentChildren } from "preact";
import type { Notice } from "../core/insight/insight";
import { send } from "./host";
import { Icon } from "./Icon";
import type { Action, ViewState } from "./viewProtocol";
import { fullTimeText } from "./times";

export const ActionButton = ({
  action,
  isPlain,
  children,
}: {
  action: Action;
  isPlain?: boolean;
  children: ComponentChildren;
}) => (
  <button type="button" class={isPlain === true ? "link" : "button"} onClick={() => send({ kind: "run", action })}>
    {children}
  </button>
);

const helps: Partial<Record<Notice["kind"], [Action, string]>> = {
  unpriced: ["pricing", "Open Pricing Table"],
  sample: ["removeSample", "Remove Sample Traffic"],
};

/** What the person should know of the figures: why they are old, partial, or at least so much. */
export function Notices({ state: { failure, insight } }: { state: ViewState }) {
  return (
    <div class="notices" role="status">
      {failure !== null && insight !== null ? (
        <div class="notice trouble" data-notice="stale">
          <Icon name="warning" />
          <div>
            <p>
              {failure.message} {failure.nextStep}
            </p>
            <p>
              The figures shown are from {fullTimeText(insight.answeredMs)}.{" "}
              <button type="button" class="link" onClick={() => send({ kind: "refresh" })}>
                Try Again
              </button>{" "}
              ·{" "}
              <ActionButton action="details" isPlain>
                Connection Details
              </ActionButton>
            </p>
          </div>
        </div>
      ) : null}
      {(insight?.notices ?? []).map(({ kind, text }) => {
        const help = helps[kind];
        return (
          <div class={`notice ${kind === "partial" ? "trouble" : ""}`} key={text} data-notice={kind}>
            <Icon name={kind === "partial" ? "warning" : "info"} />
            <div>
              <p>
                {kind === "partial" ? "Partial: " : ""}
                {text}{" "}
                {help === undefined ? null : (
                  <ActionButton action={help[0]} isPlain>
                    {help[1]}
                  </ActionButton>
                )}
              </p>
            </div>
          </div>
        );
      })}
    </div>
  );
}
