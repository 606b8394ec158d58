import { ChartCanvas } from "./ChartCanvas";
import { Controls } from "./Controls";
import { EmptyState } from "./EmptyState";
import { FeatureList } from "./FeatureList";
import { LiveCalls } from "./LiveCalls";
import { Notices } from "./Notices";
import type { ViewState } from "./viewProtocol";
import { SourceFoot } from "./SourceFoot";
import { Tiles } from "./Tiles";

/** Answers first: total and change, then what drives it, then where to go. */
export const Sidebar = ({ state }: { state: ViewState }) => (
  <main class="sidebar">
    <div
      class={state.isLoading ? "progress on" : "progress"}
      role="progressbar"
      aria-label="Loading spend"
      aria-hidden={!state.isLoading}
    />
    <Controls state={state} />
    <Notices state={state} />
    {state.insight === null || state.insight.calls === 0 ? (
      <EmptyState state={state} />
    ) : (
      <>
        <Tiles
          tiles={["cost", "calls", "input", "output"].flatMap(
            (id) => state.insight?.tiles.filter((tile) => tile.id === id) ?? [],
          )}
          isShort
        />
        <ChartCanvas chart={state.insight.timeline} selection={state.selection} hidden={[]} isSmall />
        <FeatureList insight={state.insight} source={state.source} />
        <LiveCalls calls={state.insight.newest} />
      </>
    )}
    <SourceFoot state={state} />
  </main>
);
