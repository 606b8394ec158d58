import * as assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { apis, methodNames } from "../../src/core/calls/apis";
import { DEFAULT_FORMAT, placeholders } from "../../src/core/estimate/format";
import { DEFAULT_PORT, defaultLimits } from "../../src/core/telemetry/defaults";
import { commands, numberSettings, settings } from "../../src/editor/contributions";
import { root } from "./support";

const manifest = z
  .object({
    capabilities: z.object({
      untrustedWorkspaces: z.object({
        supported: z.literal("limited"),
        description: z.string(),
        restrictedConfigurations: z.array(z.string()),
      }),
    }),
    contributes: z.object({
      commands: z.array(z.object({ command: z.string() })),
      configuration: z.object({
        properties: z.record(
          z.string(),
          z.object({
            default: z.unknown(),
            minimum: z.number().optional(),
            maximum: z.number().optional(),
            scope: z.string(),
            markdownDescription: z.string().optional(),
          }),
        ),
      }),
    }),
  })
  .parse(JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")));

describe("The manifest", () => {
  it("has the commands that the code has", () => {
    assert.deepEqual(
      manifest.contributes.commands.map(({ command }) => command).sort(),
      Object.values(commands).sort(),
    );
  });

  it("has the settings that the code reads, with the same default", () => {
    const { properties } = manifest.contributes.configuration;
    assert.deepEqual(Object.keys(properties).sort(), Object.values(settings).sort());
    assert.equal(properties[settings.codeLensFormat]?.default, DEFAULT_FORMAT);
    for (const [name, { minimum, maximum, default: usual }] of Object.entries(numberSettings)) {
      const property = properties[name];
      assert.deepEqual([property?.minimum, property?.maximum, property?.default], [minimum, maximum, usual], name);
    }
    const numbers = Object.entries(properties).filter(([, { default: usual }]) => typeof usual === "number");
    assert.deepEqual(numbers.map(([name]) => name).sort(), Object.keys(numberSettings).sort());
  });

  it("receives where OpenTelemetry sends, and keeps calls for thirty days", () => {
    const readme = readFileSync(path.join(root, "README.md"), "utf8");
    const addresses = new Set(readme.match(/(?<=127\.0\.0\.1:)\d+/g));
    assert.deepEqual([DEFAULT_PORT, ...addresses], [4318, "4318"]);
    assert.deepEqual(defaultLimits, { retentionDays: 30, maxBytes: 1e9 });
  });

  it("lets a workspace that isn't trusted only show or hide hints", () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    const free = Object.entries(manifest.contributes.configuration.properties)
      .filter(([name, { scope }]) => scope !== "machine" && !restrictedConfigurations.includes(name))
      .map(([name]) => name);
    assert.deepEqual(free, [settings.codeLensEnabled, settings.statusBarEnabled]);
    for (const name of restrictedConfigurations) assert.ok(name in manifest.contributes.configuration.properties, name);
    assert.equal(manifest.contributes.configuration.properties[settings.receiverPort]?.scope, "machine");
  });

  it("describes every figure that a format can have", () => {
    const description =
      manifest.contributes.configuration.properties[settings.codeLensFormat]?.markdownDescription ?? "";
    for (const name of Object.keys(placeholders)) assert.ok(description.includes(`\`{${name}}\``), name);
  });
});

describe("The query files", () => {
  it("look for every method of the APIs' table", () => {
    for (const file of ["python/methods.scm", "ecmascript/methods.scm"]) {
      const query = readFileSync(path.join(root, "src/core/languages", file), "utf8");
      for (const method of methodNames) assert.ok(query.includes(`"${method}"`), `${method} in ${file}`);
    }
    assert.ok(apis.length > 3);
  });
});

describe("The source", () => {
  const files = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(root, "src", file));
  const importsOf = (file: string): string[] =>
    [...readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type\b)[^;]*?from "(\.[^"]+)";/gms)].map(
      (match) => `${path.resolve(path.dirname(file), match[1] ?? "")}.ts`,
    );

  it("has no cycles", () => {
    const done = new Set<string>();
    const visit = (file: string, trail: string[]): void => {
      const at = trail.indexOf(file);
      assert.ok(at < 0, `a cycle: ${[...trail.slice(at), file].map((one) => path.relative(root, one)).join(" → ")}`);
      if (done.has(file) || !files.includes(file)) return;
      for (const imported of importsOf(file)) visit(imported, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it("makes Markdown of its own markup in one file", () => {
    const users = files.filter((file) => readFileSync(file, "utf8").includes("fromOwn"));
    assert.deepEqual(
      users.map((file) => path.relative(root, file)),
      [path.join("src", "core", "text", "markdown.ts")],
    );
  });
});
