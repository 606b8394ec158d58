import fc from "fast-check";

/** Texts that have turned into a link, a picture, HTML, an icon or a command somewhere. */
export const hostileTexts = [
  "![x](https://evil.example/p.png)",
  "[a](command:workbench.action.terminal.new)",
  "[a]: https://evil.example",
  "<img src=https://evil.example/p.png onerror=alert(1)>",
  "<script>alert(1)</script>",
  "<https://evil.example>",
  "https://evil.example/path",
  "www.evil.example",
  "evil.com",
  "someone@evil.com",
  "&lt;img src=x&gt;&#60;b&#62;",
  "`",
  "``",
  "` ![x](https://evil.example/p.png) `",
  "```\n![x](https://evil.example/p.png)\n```",
  "a\n\n# heading\n\n![x](https://evil.example/p.png)",
  "| cell | ![x](https://evil.example) |",
  "\\|",
  "\\",
  "\\`![x](https://evil.example)`",
  "**bold** _x_ ~~y~~ $x$",
  "$(trash) $(sync~spin) \\$(trash)",
  "- item\r\n1. item",
  "\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007",
  "\u009b31m\u202Egnp.exe\u2066",
  "",
  "   ",
];

const pieces = [
  "`",
  "``",
  "|",
  "\\",
  "[",
  "](",
  ")",
  "!",
  "<",
  ">",
  "&#60;",
  "\n",
  "\r\n\r\n",
  " ",
  "$(",
  "*",
  "_",
  "~~",
];

/** Anything of the above, and pieces of markup in any order around words and addresses. */
export const hostile = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(...pieces, "word", "https://evil.com/a", "www.evil.com", "command:x", "img src=x", "a@evil.com"),
      {
        maxLength: 14,
      },
    )
    .map((parts) => parts.join("")),
);
