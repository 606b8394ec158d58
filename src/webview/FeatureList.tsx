import { useRef } from "preact/hooks";
import { changeText, exactText, figureText, msText, shareText } from "../core/figures";
import type { Feature, Insight } from "../core/insight/insight";
import { filterTo, send } from "./host";
import { Icon } from "./Icon";
import type { ViewState } from "./viewProtocol";
import { Sparkline } from "./Sparkline";
import { colorOf, readTheme } from "./theme";
import { useRemembered } from "./useRemembered";

const orders = {
  cost: (a: Feature, b: Feature) => (b.costUsd ?? 0) - (a.costUsd ?? 0),
  calls: (a: Feature, b: Feature) => b.calls - a.calls,
  name: (a: Feature, b: Feature) => a.name.localeCompare(b.name),
} as const;

/** The features, by spend. While the pointer is over them, a refresh changes figures but moves no row. */
export function FeatureList({ insight, source }: { insight: Insight; source: ViewState["source"] }) {
  const [unfolded, setUnfolded] = useRemembered("unfolded");
  const [sort, setSort] = useRemembered("sort");
  const held = useRef<string[] | null>(null);
  const features = ordered(insight.features, sort, held.current);
  const theme = readTheme();
  const colors = new Map(insight.timeline.series.map(({ id, role }, index) => [id, colorOf(theme, index, role)]));
  return (
    <section aria-label="Features">
      <header class="section">
        <h2>Features</h2>
        <select
          aria-label="Sort features"
          class="quiet"
          value={sort}
          onChange={({ currentTarget: { value } }) =>
            setSort(value in orders ? (value as keyof typeof orders) : "cost")
          }
        >
          <option value="cost">by cost</option>
          <option value="calls">by calls</option>
          <option value="name">by name</option>
        </select>
      </header>
      <ul
        class="features"
        onMouseEnter={() => (held.current = features.map(({ id }) => id))}
        onMouseLeave={() => (held.current = null)}
      >
        {features.map((feature) => {
          const { id } = feature;
          const isOpen = unfolded.includes(id);
          return (
            <Row
              key={id}
              feature={feature}
              color={colors.get(id) ?? theme.others}
              isOpen={isOpen}
              insight={insight}
              source={source}
              onToggle={() => setUnfolded(isOpen ? unfolded.filter((one) => one !== id) : [...unfolded, id])}
            />
          );
        })}
      </ul>
    </section>
  );
}

function ordered(features: readonly Feature[], sort: keyof typeof orders, held: readonly string[] | null): Feature[] {
  const sorted = [...features].sort(
    (a, b) => Number(a.target === null) - Number(b.target === null) || orders[sort](a, b),
  );
  if (held === null) return sorted;
  const places = new Map(held.map((id, index) => [id, index]));
  return sorted.sort((a, b) => (places.get(a.id) ?? held.length) - (places.get(b.id) ?? held.length));
}

interface RowProps {
  feature: Feature;
  color: string;
  isOpen: boolean;
  insight: Insight;
  source: ViewState["source"];
  onToggle: () => void;
}

function Row({ feature, color, isOpen, insight, source, onToggle }: RowProps) {
  const { name, costUsd, isLowerBound, share, calls, errors, p95Ms, change, trend } = feature;
  const cost = costUsd === null ? "price unknown" : `${figureText(costUsd, "usd")}${isLowerBound ? "+" : ""}`;
  return (
    <li class={isOpen ? "feature open" : "feature"} data-feature={name} data-value={costUsd ?? ""}>
      <button type="button" class="row" aria-expanded={isOpen} onClick={onToggle}>
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} />
        <span class="what">
          <span class="name" title={name}>
            {name}
          </span>
          <span class="faint">
            {figureText(calls, "calls")} {calls === 1 ? "call" : "calls"} · p95 {p95Ms === null ? "–" : msText(p95Ms)}
            {errors > 0 ? (
              <>
                {" "}
                ·{" "}
                <span class="errors">
                  {figureText(errors, "calls")} {errors === 1 ? "error" : "errors"}
                </span>
              </>
            ) : null}
          </span>
        </span>
        <Sparkline values={trend} color={color} />
        <span class="amount">
          <span
            class="cost"
            title={
              costUsd === null
                ? "The price of its models is unknown"
                : `${exactText(costUsd, "usd")}${feature.isPricedHere ? ", partly priced here" : ""}${share === null ? "" : `, ${shareText(share)} of all`}`
            }
          >
            {cost}
          </span>
          <span class={change === null || Math.round(change * 100) === 0 ? "faint" : change > 0 ? "rise" : "fall"}>
            {change === null ? "" : changeText(change)}
          </span>
        </span>
        <span class="share" aria-hidden="true">
          <span style={{ width: `${((share ?? 0) * 100).toFixed(1)}%`, background: color }} />
        </span>
      </button>
      {isOpen ? <Unfolded feature={feature} insight={insight} source={source} /> : null}
    </li>
  );
}

function Unfolded({
  feature: { target, models, sites, share },
  insight,
  source,
}: {
  feature: Feature;
  insight: Insight;
  source: ViewState["source"];
}) {
  return (
    <div class="unfolded">
      <ul>
        {models.map(({ name, costUsd, calls }) => (
          <li class="pair" key={name}>
            <span class="name" title={name}>
              {name}
            </span>
            <span class="faint">
              {figureText(calls, "calls")} {calls === 1 ? "call" : "calls"}
            </span>
            <span class="cost" title={exactText(costUsd, "usd")}>
              {costUsd === null ? "price unknown" : figureText(costUsd, "usd")}
            </span>
          </li>
        ))}
        {sites.map((site) => (
          <li class="pair" key={`${site.file ?? ""} ${site.function ?? ""} ${site.line ?? ""}`}>
            <button
              type="button"
              class="link"
              title="Go to the call in the code"
              onClick={() => send({ kind: "openCode", site, feature: target?.value ?? null })}
            >
              <Icon name="go-to-file" />{" "}
              {site.file === null ? "" : `${site.file}${site.line === null ? "" : `:${site.line}`} `}
              {site.function === null ? "" : `${site.function}()`}
            </button>
            <span class="cost" title={exactText(site.costUsd, "usd")}>
              {site.costUsd === null ? "price unknown" : figureText(site.costUsd, "usd")}
            </span>
          </li>
        ))}
        {sites.length === 0 && target !== null && target.value !== null ? (
          <li>
            <button
              type="button"
              class="link"
              onClick={() => send({ kind: "openCode", site: null, feature: target.value })}
            >
              <Icon name="search" /> Find its calls in the code
            </button>
          </li>
        ) : null}
        {target === null ? null : (
          <>
            {source.hasTraces ? (
              <li>
                <button type="button" class="link" onClick={() => send({ kind: "openTraces", target })}>
                  <Icon name="link-external" /> Traces in {source.name}
                </button>
              </li>
            ) : null}
            <li>
              <button type="button" class="link" onClick={() => filterTo(insight.selection, target)}>
                <Icon name="filter" /> Only this feature
              </button>
              {share === null ? null : <span class="faint"> {shareText(share)} of all spend</span>}
            </li>
          </>
        )}
      </ul>
    </div>
  );
}
