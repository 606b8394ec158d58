import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Frame, Locator, Page } from "playwright-core";
import { launchBrowser } from "../host/browser";
import { type ServerHost, environment, startServer } from "../host/server";

/** VS Code in a browser with the packaged extension installed, as a user has it. */
export class Workbench {
  private constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly server: ServerHost,
    private readonly folder: string,
  ) {}

  static async open(folder: string, settings: Record<string, unknown> = {}): Promise<Workbench> {
    const server = await startServer({ vsix: environment("PROMPT_COST_VSIX"), settings });
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(server.urlOf(folder));
    await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    return new Workbench(page, browser, server, folder);
  }

  /** Where the server keeps everything of this profile. */
  get profile(): string {
    return this.server.profile;
  }

  /** Opens a file of the workspace by its name, as with Ctrl+P. */
  async openFile(name: string): Promise<void> {
    await this.quickOpen(name);
    await this.page.locator(".tab.active", { hasText: path.basename(name) }).waitFor();
  }

  /** Runs a command by its title. */
  async run(title: string): Promise<void> {
    await this.quickOpen(`>${title}`);
  }

  /** Puts the cursor at a place, both from 1, and that place in the middle of the view. */
  goTo(line: number, column: number): Promise<void> {
    return this.insist(async () => {
      await this.typeIntoQuickOpen(`:${line}:${column}`);
      await this.page.keyboard.press("Enter");
      await this.page.locator(".statusbar-item", { hasText: `Ln ${line}, Col ${column}` }).waitFor({ timeout: 3_000 });
    });
  }

  private quickOpen(text: string): Promise<void> {
    return this.insist(async () => {
      await this.typeIntoQuickOpen(text);
      // The list may still show what was there before: the row is taken by its name.
      const name = text.replace(/^>/, "").split("/").at(-1) ?? text;
      await this.page
        .locator(".quick-input-list .monaco-list-row", { hasText: name })
        .first()
        .click({ timeout: 5_000 });
    });
  }

  private async typeIntoQuickOpen(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input.input");
    if (!(await input.isVisible())) await this.page.keyboard.press("Control+P");
    await input.fill(text, { timeout: 2_000 });
  }

  /** A question of a command, by its title; the command's own row in the palette is none. */
  question(title: string): Locator {
    return this.page.locator(".quick-input-widget", {
      has: this.page.locator(".quick-input-title", { hasText: title }),
    });
  }

  /** Does something that makes a thing appear, and again where it was lost on a busy page. */
  see(thing: Locator, act: () => Promise<void>): Promise<void> {
    return this.insist(async () => {
      await act();
      await thing.waitFor({ timeout: 8_000 });
    });
  }

  /** Tries again, as a person would: a page that is just loading may take the focus, and the quick input with it. */
  private async insist(act: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await act();
        return;
      } catch (error) {
        if (tries === 8) throw error;
        await this.page.keyboard.press("Escape");
        await this.page.waitForTimeout(500);
      }
    }
  }

  /** Text of the lenses on the screen, from top to bottom. */
  async lenses(): Promise<string[]> {
    const texts = await this.page.locator(".codelens-decoration").allInnerTexts();
    return texts.map((text) => text.replace(/\u00a0/g, " ").trim()).filter((text) => text !== "");
  }

  /** Waits for a lens that reads so. */
  async lens(text: RegExp): Promise<string> {
    let seen: string[] = [];
    for (let tries = 0; tries < 300; tries++) {
      seen = await this.lenses();
      const found = seen.find((one) => text.test(one));
      if (found !== undefined) return found;
      await this.page.waitForTimeout(100);
    }
    await this.screenshot("failure");
    throw new Error(`no lens reads ${text}; there are ${JSON.stringify(seen)}`);
  }

  /** The sidebar or the dashboard, once it is drawn. Its frame is found by what its page says of itself. */
  async view(name: "sidebar" | "dashboard"): Promise<Frame> {
    for (let tries = 0; tries < 300; tries++) {
      for (const frame of this.page.frames()) {
        const isIt = await frame
          .evaluate(
            (wanted) => document.body.dataset["view"] === wanted && document.querySelector("main") !== null,
            name,
          )
          .catch(() => false);
        if (isIt) return frame;
      }
      await this.page.waitForTimeout(100);
    }
    await this.screenshot("failure");
    throw new Error(`the ${name} is not to be seen`);
  }

  /** Opens the sidebar of spend. */
  async openSidebar(): Promise<Frame> {
    await this.run("View: Show Prompt Cost");
    return this.view("sidebar");
  }

  async openDashboard(): Promise<Frame> {
    await this.run("Prompt Cost: Open Cost Dashboard");
    return this.view("dashboard");
  }

  /** Chooses a colour theme for the workspace. */
  async setTheme(id: string, body: string): Promise<void> {
    mkdirSync(path.join(this.folder, ".vscode"), { recursive: true });
    writeFileSync(path.join(this.folder, ".vscode", "settings.json"), JSON.stringify({ "workbench.colorTheme": id }));
    await this.page.locator(`.monaco-workbench.${body}`).waitFor({ timeout: 20_000 });
    await this.page.waitForTimeout(500);
  }

  /** Drags the sidebar's edge until it has about so many pixels; gives how many it has. */
  async narrowSidebar(pixels: number): Promise<number> {
    const part = this.page.locator(".part.sidebar");
    const box = await part.boundingBox();
    if (box === null) throw new Error("there is no sidebar");
    await this.page.mouse.move(box.x + box.width + 1, box.y + 300);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + pixels + 1, box.y + 300, { steps: 8 });
    await this.page.mouse.up();
    return (await part.boundingBox())?.width ?? 0;
  }

  screenshot(name: string): Promise<Buffer> {
    return this.page.screenshot({ path: path.join(environment("PROMPT_COST_SCREENSHOTS"), `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }
}
