import { tabIds, tabs } from "../core/insight/insight";
import { ChartPanel } from "./ChartPanel";
import { Controls } from "./Controls";
import { EmptyState } from "./EmptyState";
import { send } from "./host";
import { IconButton } from "./Icon";
import { Notices } from "./Notices";
import type { ViewState } from "./viewProtocol";
import { SourceFoot } from "./SourceFoot";
import { TablePanel } from "./TablePanel";
import { Tiles } from "./Tiles";
import { useRemembered } from "./useRemembered";

export function Dashboard({ state }: { state: ViewState }) {
  const [tab, setTab] = useRemembered("tab");
  const { insight, selection } = state;
  const move = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const step = event.key === "ArrowRight" ? 1 : -1;
    const next = tabIds[(tabIds.indexOf(tab) + step + tabIds.length) % tabIds.length] ?? tab;
    setTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <main class="dashboard">
      <div
        class={state.isLoading ? "progress on" : "progress"}
        role="progressbar"
        aria-label="Loading spend"
        aria-hidden={!state.isLoading}
      />
      <header class="top">
        <h1>LLM cost</h1>
        <Controls state={state} />
        <SourceFoot state={state} />
        <IconButton icon="refresh" label="Refresh" onClick={() => send({ kind: "refresh" })} />
      </header>
      <div class="tabs" role="tablist" aria-label="Dashboard" onKeyDown={move}>
        {tabIds.map((id) => (
          <button
            type="button"
            role="tab"
            key={id}
            id={`tab-${id}`}
            aria-selected={tab === id}
            aria-controls="panels"
            tabIndex={tab === id ? 0 : -1}
            onClick={() => setTab(id)}
          >
            {tabs[id]}
          </button>
        ))}
      </div>
      <Notices state={state} />
      <div id="panels" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {insight === null || insight.calls === 0 ? (
          <EmptyState state={state} />
        ) : (
          <>
            {tab === "overview" ? <Tiles tiles={insight.tiles} isShort={false} /> : null}
            <div class="panels">
              {insight.panels
                .filter((panel) => panel.tab === tab)
                .map((panel) =>
                  panel.kind === "chart" ? (
                    <ChartPanel key={panel.id} chart={panel} selection={selection} />
                  ) : (
                    <TablePanel key={panel.id} table={panel} selection={selection} />
                  ),
                )}
            </div>
          </>
        )}
      </div>
    </main>
  );
}
