// Takes the pictures of the README from a `make demo` that has run for a while: every page, light and dark.
// node tests/browser/screens.mjs [address of Weir] [folder], see `make screens`.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const address = process.argv[2] ?? "http://127.0.0.1:9347";
const folder = process.argv[3] ?? fileURLToPath(new URL("../../docs/screens", import.meta.url));

const topic = "/brokers/log/queues/orders";
const queue = "/brokers/orders/queues/~2f:invoices";
const pages = {
  overview: "/",
  queues: "/queues",
  queue: `${queue}?range=1h`,
  groups: `${topic}/consumers`,
  messages: `${topic}/messages`,
  publish: `${queue}/publish`,
  purge: `${queue}/purge`,
  settings: "/settings",
};
const widths = { "": { width: 1440, height: 900 }, "-phone": { width: 390, height: 844 } };
/** The pages that an operator opens on a phone first. */
const onPhone = new Set(["overview", "queue"]);

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
let troubles = 0;
for (const [suffix, viewport] of Object.entries(widths)) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport, colorScheme, reducedMotion: "reduce" });
    for (const [name, path] of Object.entries(pages)) {
      if (suffix && !onPhone.has(name)) continue;
      const answer = await page.goto(address + path, { waitUntil: "load" });
      await page.waitForSelector("body[data-hydrated]", { timeout: 5_000 });
      if (answer.status() !== 200) {
        console.error(`${path} answered ${answer.status()}`);
        troubles += 1;
        continue;
      }
      await page.screenshot({ path: `${folder}/${name}${suffix}-${colorScheme}.png` });
    }
    await page.close();
  }
}
await browser.close();
process.exit(troubles > 0 ? 1 : 0);
