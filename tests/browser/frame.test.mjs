// What works on every page: rows under the pointer and the keys, the search, the menus.
import assert from "node:assert/strict";
import { browserTest, notReloaded, open, PHONE } from "./house.mjs";
import { redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";
import { Queues } from "./pages/queues.mjs";

const HELLO = /\/queues\/~2f:hello$/;

browserTest("given a row when clicked beside its link then it opens", {}, async (page) => {
  const queues = await new Queues(page).open("name:hello");
  await (await queues.cell("hello", "Broker")).click();
  await page.waitForURL(HELLO);
  assert.ok(await notReloaded(page), "the page was loaded anew");
});

browserTest("given a row when clicked with the middle button then it opens beside", {}, async (page) => {
  const queues = await new Queues(page).open("name:hello");
  const opened = page.context().waitForEvent("page");
  await (await queues.cell("hello", "Broker")).click({ button: "middle" });
  await (await opened).waitForURL(HELLO);
  assert.match(page.url(), /\/queues\?q=/);
});

browserTest("given selected text when its row is clicked then the row stays closed", {}, async (page) => {
  const queues = await new Queues(page).open("name:hello");
  const { x, y, width, height } = await (await queues.cell("hello", "Broker")).locator("span").boundingBox();
  await page.mouse.move(x + 1, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width - 1, y + height / 2, { steps: 4 });
  await page.mouse.up();
  assert.match(await page.evaluate(() => String(getSelection())), /rder/);
  await page.waitForTimeout(500);
  assert.match(page.url(), /\/queues\?q=/);
});

browserTest("given a filter when Enter is pressed then the address holds it and nothing else", {}, async (page) => {
  await new Queues(page).open();
  await page.locator("#filter").fill("depth>1");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.search === "?q=depth%3E1");
});

browserTest("given a row that was opened when the operator goes back then it has the focus", {}, async (page) => {
  await new Queues(page).open();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const id = await page.evaluate(() => document.activeElement.dataset.row);
  await page.keyboard.press("Enter");
  await page.getByTestId("queue-name").waitFor();
  await page.goBack();
  await page.waitForFunction((row) => document.activeElement?.dataset.row === row, id);
});

browserTest("given an open message when Esc is pressed then its drawer closes", {}, async (page) => {
  const name = unique("esc");
  redis("RPUSH", name, '{"n":1}', "b");
  const queue = await new Queue(page, "cache", ["0", "list", name]).openWhenSeen("messages");
  await queue.messages.first().locator("td").nth(2).click();
  await queue.drawer.getByRole("heading", { name: "Message 0", exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await queue.drawer.waitFor({ state: "detached" });
  assert.ok(await notReloaded(page), "the page was loaded anew");
  redis("DEL", name);
});

browserTest("given a hit of the search when chosen then the keys are the page's again", {}, async (page) => {
  await open(page, "/");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("hello");
  await page.getByRole("option").filter({ hasText: "hello" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByTestId("queue-name").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.waitForURL(/\/queues$/);
  assert.equal(await page.locator("#search").inputValue(), "");
});

browserTest("given a search without hits when typed then it says so", {}, async (page) => {
  await open(page, "/");
  await page.locator("#search").fill("no-such-queue");
  await page.getByTestId("search-nothing").filter({ hasText: "no-such-queue" }).waitFor();
});

browserTest("given the list of keys when opened then it has the focus and Esc closes it", {}, async (page) => {
  await open(page, "/");
  await page.keyboard.press("?");
  const keys = page.locator("#keys");
  await keys.waitFor();
  assert.ok(await keys.evaluate((list) => list.contains(document.activeElement)));
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "hidden" });
});

browserTest("given a phone when its menu opens then all of it is in the window", { viewport: PHONE }, async (page) => {
  await open(page, "/");
  await page.locator(".nav-menu > summary").click();
  const menu = page.locator(".nav-menu > .menu");
  const { x, width } = await menu.boundingBox();
  assert.ok(x >= 0 && x + width <= PHONE.width, `the menu reaches from ${x} to ${x + width}`);
  await menu.getByRole("link", { name: "Queues" }).click();
  await page.waitForURL(/\/queues$/);
  await menu.waitFor({ state: "hidden" });
});

browserTest("given figures that were paused when the page is loaded anew then they stay paused", {}, async (page) => {
  await open(page, "/");
  await page.getByTestId("live").click();
  await open(page, "/queues");
  await page.getByTestId("live").filter({ hasText: "Paused" }).waitFor();
});

// Chromium drops the script that it has begun to load.
const NO_SCRIPTS = { javaScriptEnabled: false, allow: /failed: .*\.js$/ };

browserTest("given no scripts when a page opens then it does not call itself live", NO_SCRIPTS, async (page) => {
  await page.goto("/");
  assert.ok(!(await page.getByTestId("live").isVisible()));
});
