import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { LocalStore } from "../../../src/core/telemetry/local/localStore";
import { assets } from "../support";
import { call } from "./local/calls";

describe("A change of the local store", () => {
  it("is told to the owner and to a guest, many at once as one, and when the owner leaves", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "prompt-cost-change-"));
    const file = path.join(folder, "spans.sqlite");
    const told: string[] = [];
    let check = (): void => undefined;
    const open = (name: string) =>
      new LocalStore(file, {
        catalogue: assets.catalogue,
        onChange: () => {
          told.push(name);
          check();
        },
      });
    /** Resolves once each of these has been told. */
    const until = (...names: string[]): Promise<void> =>
      new Promise((resolve) => {
        check = () => {
          if (names.every((name) => told.includes(name))) resolve();
        };
        check();
      });
    const [owner, guest] = [open("owner"), open("guest")];
    assert.equal(await owner.ready(), "owner");
    assert.equal(await guest.ready(), "guest");
    for (let at = 0; at < 50; at++)
      owner.write([call({ startUs: Date.now() * 1000 - at, spanId: at.toString(16).padStart(16, "0") })]);
    await until("owner", "guest");
    assert.deepEqual([...told].sort(), ["guest", "owner"]);
    told.length = 0;
    await owner.close();
    await until("guest");
    assert.equal(await guest.ready(), "owner");
    assert.equal((await guest.status()).spans, 50);
    await guest.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
