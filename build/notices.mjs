/**
 * Writes THIRD_PARTY_NOTICES.txt: name, version and licence texts of every npm package that is in what we ship. Which those
 * are is known from esbuild's metafiles (what was bundled), and from the files that the build copies or makes data of,
 * which no bundler's licence plugin sees: grammars, fonts, ranks, prices.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";

/** Licences that allow what we do: bundling, with the text beside it. SPDX identifiers. */
const ACCEPTED = new Set(["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "CC-BY-4.0"]);
const TEXTS = /^(licen[cs]e|copying|notice|third.?party.?notices?)/i;

/** Folders of the packages that files lie in; files of our own have none. */
export function packagesOf(files) {
  const folders = files.flatMap((file) => {
    const found = /^(.*[\\/])?node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(file);
    return found === null ? [] : [path.resolve(found[0])];
  });
  return [...new Set(folders)].sort();
}

/**
 * The notices for packages.
 * @param supplements a folder of licence texts, `@scope+name.txt`, for packages whose own are missing or incomplete.
 * @throws Error that names every package without a licence text, or with a licence that isn't known to be fine.
 */
export function noticesFor(folders, supplements) {
  const problems = [];
  const notices = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    const identifiers = typeof license === "string" ? license.replace(/[()]/g, "").split(/ AND /) : [];
    if (identifiers.length === 0 || identifiers.some((one) => !ACCEPTED.has(one)))
      problems.push(
        `${name} ${version} has the licence ${JSON.stringify(license) ?? "none"}, which nobody has looked at`,
      );
    const supplement = path.join(supplements, `${name.replace("/", "+")}.txt`);
    const files = [
      ...readdirSync(folder)
        .filter((file) => TEXTS.test(file))
        .map((file) => path.join(folder, file)),
      ...(existsSync(supplement) ? [supplement] : []),
    ];
    const texts = files.map((file) => readFileSync(file, "utf8").trim()).filter((text) => text !== "");
    if (texts.length === 0) problems.push(`${name} ${version} has no licence text; add one as ${supplement}`);
    return { title: `${name} ${version} (${license})`, texts };
  });
  // A package may be installed more than once.
  const distinct = [...new Map(notices.map((notice) => [notice.title, notice])).values()].sort((a, b) =>
    a.title < b.title ? -1 : 1,
  );
  if (problems.length > 0) throw new Error(`What is bundled can't be shipped:\n${problems.join("\n")}`);
  const line = "-".repeat(80);
  return [
    "Prompt Cost Lens contains the following packages.",
    ...distinct.map(({ title }) => `- ${title}`),
    ...distinct.flatMap(({ title, texts }) => ["", line, title, line, "", texts.join("\n\n")]),
    "",
  ].join("\n");
}
