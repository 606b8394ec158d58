import * as assert from "node:assert/strict";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { Marked, type Token } from "marked";
import { describeEstimate } from "../../../src/core/estimate/describe";
import type { CostEstimate } from "../../../src/core/estimate/estimate";
import { type Markdown, commandLink, join, markup, prose } from "../../../src/core/text/markdown";
import { hostile } from "./hostile";

/** As VS Code's preview parses a page: with HTML, and with addresses made links. */
const preview = new MarkdownIt({ html: true, linkify: true });
/** As VS Code parses a hover. */
const hover = new Marked({ gfm: true, breaks: true });

const ACTIVE = /^(link|image|html|def|code|blockquote|heading|hr)$/;
const ACTIVE_IN_PREVIEW = /^(link_open|image|html_inline|html_block|fence|code_block|blockquote_open|heading_open|hr)$/;

/** The kinds of what is more than text in a Markdown, by either parser. */
function activeParts({ text }: Markdown): string[] {
  const found: string[] = [];
  void hover.walkTokens(hover.lexer(text), (token: Token) => {
    if (ACTIVE.test(token.type)) found.push(`${token.type}: ${token.raw}`);
  });
  for (const block of preview.parse(text, {}))
    for (const { type, content } of [block, ...(block.children ?? [])])
      if (ACTIVE_IN_PREVIEW.test(type)) found.push(`${type}: ${content}`);
  return found;
}

const plain = (html: string): string =>
  html
    .replace(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

const estimateWith = (text: string): CostEstimate => ({
  model: { name: text, source: "literal", expression: text },
  vendor: {
    id: "unknown",
    name: `host ${text}`,
    kind: "unknown",
    host: text,
    prices: "unknown",
    pricesName: text,
    decidedBy: "address",
    isDefault: false,
  },
  input: {
    tokens: 12,
    confidence: "lowerBound",
    parts: [{ label: `1. ${text} message`, tokens: 12 }],
    reasons: [{ confidence: "lowerBound", tokens: null, text }],
  },
  outputLimit: 500,
  cost: { input: 0.1, outputLimit: 0.2 },
  price: { input: 1, cachedInput: 0.5, output: 2, row: text, source: "table", sourceName: text, above: null },
  priceReason: text,
  serviceTier: text,
  holes: [text, `a${text}`],
  origins: { prompt: null, model: null },
  limits: [],
});

describe("Markdown", () => {
  it("holds no link, picture or HTML of a text that others wrote, in a hover or a page", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const estimate = estimateWith(text);
        assert.deepEqual(activeParts(describeEstimate("chat.completions.create", estimate)), []);
        assert.deepEqual(
          activeParts(
            describeEstimate("chat.completions.create", {
              ...estimate,
              price: null,
              model: { ...estimate.model, name: null },
            }),
          ),
          [],
        );
        assert.deepEqual(activeParts(join([prose(text), markup`Open ${text}, ${text}`], "\n\n")), []);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps the table of tokens whole around any text", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const tables = hover
          .lexer(describeEstimate("x", estimateWith(text)).text)
          .filter(({ type }) => type === "table");
        assert.deepEqual(
          tables.map((table) => ("rows" in table ? (table.rows as unknown[][]).map((row) => row.length) : [])),
          [
            [2, 2, 2, 2],
            [3, 3, 3],
          ],
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("shows the words of prose and code as they are", () => {
    const word = fc
      .string({ unit: "grapheme-ascii", minLength: 1 })
      .filter((text) => text === text.trim() && !/\s\s|\|/.test(text));
    fc.assert(
      fc.property(word, (text) => {
        assert.equal(plain(preview.renderInline(prose(text).text)), text);
        assert.equal(plain(preview.renderInline(markup`${text}`.text)), text);
        assert.equal(plain(hover.parseInline(prose(text).text, { async: false })), text);
        assert.equal(plain(hover.parseInline(markup`${text}`.text, { async: false })), text);
      }),
    );
  });

  it("links to a command of ours with any argument", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { text: written } = commandLink("Open", "promptCost.showBreakdown", [text, 0]);
        const links = (preview.parseInline(written, {})[0]?.children ?? []).map((token) =>
          String(token.attrGet("href") ?? ""),
        );
        const [, query = ""] = (links[0] ?? "").split("?");
        assert.equal(links.filter((link) => link !== "").length, 1, written);
        assert.deepEqual(JSON.parse(decodeURIComponent(query)), [text, 0]);
      }),
    );
  });
});
