import { EditedText } from "./editedText";
import type { Encoding, EncodingName } from "./encoding";

const REMEMBERED = 5_000;
/** Longer texts are followed edit by edit instead of being remembered whole. */
const LONG = 2_000;

/**
 * Counts the texts of one document's calls again and again while the document is edited. Short texts are
 * looked up; the n-th long text of a round is compared with the n-th of the round before.
 */
export class TextCounts {
  private readonly remembered = new Map<string, number>();
  private readonly followed = new Map<string, EditedText>();
  private longTexts = 0;

  /** Begins a new round: the document's texts follow in their order. */
  begin(): void {
    this.longTexts = 0;
    if (this.remembered.size > REMEMBERED) this.remembered.clear();
  }

  count(encoding: Encoding, text: string): number {
    return text.length < LONG ? this.lookUp(encoding, text) : this.follow(encoding, text);
  }

  private lookUp(encoding: Encoding, text: string): number {
    const key = `${encoding.name}\n${text}`;
    let tokens = this.remembered.get(key);
    if (tokens === undefined) {
      tokens = encoding.count(text);
      this.remembered.set(key, tokens);
    }
    return tokens;
  }

  private follow(encoding: Encoding, text: string): number {
    const slot: `${EncodingName} ${number}` = `${encoding.name} ${this.longTexts++}`;
    let edited = this.followed.get(slot);
    if (edited === undefined) {
      edited = new EditedText(encoding);
      this.followed.set(slot, edited);
    }
    return edited.count(text);
  }
}
