import { changeText, exactText, figureText } from "../core/figures";
import type { Tile } from "../core/insight/insight";

/** A rise in spend is bad news, a fall good news; a rise in calls is neither. */
const toneOf = ({ change, isSpend }: Tile): string =>
  !isSpend || change === null || Math.round(change * 100) === 0 ? "" : change > 0 ? "rise" : "fall";

export const Tiles = ({ tiles, isShort }: { tiles: Tile[]; isShort: boolean }) => (
  <dl class="tiles">
    {tiles.map((tile) => {
      const { id, title, value, unit, change, isLowerBound } = tile;
      const name = isShort
        ? title.replace(/^Total (LLM )?/, "").replace(/^./, (letter) => letter.toUpperCase())
        : title;
      return (
        <div class="tile" key={id} data-tile={id} data-value={value ?? ""}>
          <dt>{name}</dt>
          <dd class="figure" title={`${isLowerBound && value !== null ? "at least " : ""}${exactText(value, unit)}`}>
            {value === null ? "price unknown" : figureText(value, unit)}
            {isLowerBound && value !== null ? <span title="Some calls have no known price">+</span> : null}
          </dd>
          <dd class="change">
            {change === null ? (
              <span class="faint">– vs before</span>
            ) : (
              <>
                <span class={toneOf(tile)}>{changeText(change)}</span> <span class="faint">vs before</span>
              </>
            )}
          </dd>
        </div>
      );
    })}
  </dl>
);
