import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { browserTest, fits, notReloaded, PHONE } from "./house.mjs";
import { redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";

const ORDERS = ["orders", ["/", "orders"]];

/** The seconds between `from` and `to` in the address. */
const length = (page) => {
  const query = new URL(page.url()).searchParams;
  return (Date.parse(query.get("to")) - Date.parse(query.get("from"))) / 1000;
};
const zoomed = (page) => page.waitForURL(/from=.*&to=/);

/** Drags over a part of the first plot, from and to as parts of its width. */
async function drag(page, from, to, locator = page.getByTestId("crosshair").first()) {
  const box = await locator.boundingBox();
  const y = box.y + 40;
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + ((from + to) / 2) * box.width, y, { steps: 4 });
  await page.mouse.move(box.x + to * box.width, y, { steps: 4 });
  await page.getByTestId("zoom-band").first().waitFor();
  await page.mouse.up();
}

browserTest("given charts when dragged over then that stretch is shown, and a double click leads back", {}, async (page) => {
  await new Queue(page, ...ORDERS).openWhenSeen();
  await drag(page, 0.5, 0.75);
  await zoomed(page);
  assert.ok(Math.abs(length(page) - 900) < 60, `a quarter of an hour is shown: ${length(page)} s`);
  const from = new URL(page.url()).searchParams.get("from").slice(11, 19);
  await page.getByTestId("span").filter({ hasText: `${from} to` }).waitFor();
  const before = page.url();
  await drag(page, 0.2, 0.4);
  await page.waitForURL((url) => url.href !== before);
  await page.goBack();
  const box = await page.getByTestId("crosshair").first().boundingBox();
  await page.mouse.dblclick(box.x + 200, box.y + 60);
  await page.waitForURL((url) => !url.search.includes("from="));
  assert.ok(await notReloaded(page), "the page was loaded anew");
});

browserTest("given a click without a drag when released then nothing is zoomed", {}, async (page) => {
  await new Queue(page, ...ORDERS).openWhenSeen();
  const box = await page.getByTestId("crosshair").first().boundingBox();
  await page.mouse.click(box.x + 300, box.y + 60);
  await page.waitForTimeout(300);
  assert.ok(!page.url().includes("from="), page.url());
});

browserTest("given the keyboard when a stretch is selected then Enter zooms and Escape lets go", {}, async (page) => {
  await new Queue(page, ...ORDERS).openWhenSeen();
  const crosshair = page.getByTestId("crosshair").first();
  await crosshair.focus();
  await page.keyboard.press("End");
  for (let n = 0; n < 5; n += 1) await page.keyboard.press("Shift+PageUp");
  assert.match(await crosshair.getAttribute("aria-valuetext"), /selected from .* to .*, Enter zooms in/);
  await page.keyboard.press("Escape");
  assert.doesNotMatch(await crosshair.getAttribute("aria-valuetext"), /selected/);
  await page.keyboard.press("Shift+Home");
  await page.keyboard.press("Enter");
  await zoomed(page);
});

browserTest("given a finger when it draws over a chart then it zooms", { viewport: PHONE, hasTouch: true }, async (page) => {
  await new Queue(page, ...ORDERS).openWhenSeen();
  const crosshair = page.getByTestId("crosshair").first();
  await crosshair.scrollIntoViewIfNeeded();
  const box = await crosshair.boundingBox();
  const cdp = await page.context().newCDPSession(page);
  const touch = (type, x) => cdp.send("Input.dispatchTouchEvent", { type, touchPoints: x === undefined ? [] : [{ x, y: box.y + 60 }] });
  await touch("touchStart", box.x + 0.3 * box.width);
  for (let part = 0.35; part <= 0.7; part += 0.05) await touch("touchMove", box.x + part * box.width);
  await touch("touchEnd");
  await zoomed(page);
  await fits(page);
});

browserTest("given links in time when followed then each range steps closer, wider, earlier and later", {}, async (page) => {
  for (const [range, seconds] of [["15m", 900], ["1h", 3600], ["7d", 604_800], ["30d", 2_592_000]]) {
    const queue = new Queue(page, ...ORDERS);
    await queue.seen();
    await page.goto(`${queue.path}?range=${range}`);
    await page.locator("body[data-hydrated]").waitFor();
    await page.getByTestId("closer").click();
    await zoomed(page);
    assert.ok(Math.abs(length(page) - seconds / 2) < 2, `${range}: ${length(page)}`);
    await page.getByTestId("zoom-back").click();
    await page.waitForURL((url) => !url.search.includes("from="));
  }
});

browserTest("given no wasm when charts open then links zoom, compare and download", { javaScriptEnabled: false, allow: /assets/ }, async (page) => {
  const queue = new Queue(page, ...ORDERS);
  await queue.seen();
  await page.goto(`${queue.path}?range=1h`);
  await page.getByTestId("closer").click();
  await zoomed(page);
  await page.getByTestId("earlier").click();
  await zoomed(page);
  await page.getByRole("link", { name: "Yesterday" }).click();
  await page.waitForURL(/compare=yesterday/);
  assert.match(await page.getByTestId("chart-note").first().textContent(), /^Yesterday: no data from/);
  await page.getByTestId("downloads").click();
  assert.equal(await page.getByTestId("download-png").first().isVisible(), false);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByTestId("download-csv").first().click()]);
  assert.match(file.suggestedFilename(), /^orders-depth-\d{8}T\d{6}Z-\d{8}T\d{6}Z\.csv$/);
  await page.getByTestId("zoom-back").click();
  await page.waitForURL((url) => !url.search.includes("from="));
});

browserTest("given a comparison when there was nothing then it is said and drawn as nothing", {}, async (page) => {
  const queue = await new Queue(page, ...ORDERS).openWhenSeen();
  await page.getByRole("link", { name: "Last week" }).click();
  await page.waitForURL(/compare=last-week/);
  await page.getByTestId("chart-note").filter({ hasText: "Last week: no data" }).waitFor();
  const legend = queue.charts.getByTestId("chart-depth").locator(".legend li").filter({ hasText: "last week" });
  assert.match(await legend.textContent(), /last week\s*\d+ \w{3}\s*no data then/);
  await page.getByRole("link", { name: "Last week" }).click();
  await page.waitForURL((url) => !url.search.includes("compare"));
});

/** Follows a link of the menu and gives the file's name and content. */
async function saved(page, testid) {
  await page.getByTestId("downloads").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(testid).first().click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

browserTest("given charts when saved then table, drawing and picture are whole and show the same", {}, async (page) => {
  const name = unique("=saved<b>");
  redis("RPUSH", name, "a", "b", "c");
  const queue = await new Queue(page, "cache", ["0", "list", name]).openWhenSeen();
  await queue.charts.locator("svg polyline").first().waitFor({ state: "attached" });
  const table = await saved(page, "download-csv");
  const rows = table.bytes.toString("utf8").split("\r\n");
  assert.match(rows[0], /^time,depth \(messages\),depth min,depth max,.*reason$/);
  assert.ok(rows.some((row) => /Z,3,3,3,/.test(row)), "the depth is in the table");
  assert.ok(rows.filter((row) => /Z,,,,/.test(row)).every((row) => /[a-z]/.test(row.split(",").at(-1))), "what is unknown has a reason");
  const drawing = await saved(page, "download-svg");
  const svg = drawing.bytes.toString("utf8");
  assert.ok(svg.includes("=saved&lt;b&gt;") && !svg.includes("var(--"), "the name is text, colours are resolved");
  // A page of its own: our own pages' policy forbids the drawing's style sheet even to a parser.
  const blank = await page.context().newPage();
  const parsed = await blank.evaluate((text) => {
    const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    return { root: root.nodeName, texts: [...root.querySelectorAll("text")].map((t) => t.textContent) };
  }, svg);
  assert.equal(parsed.root, "svg");
  assert.ok(parsed.texts.some((text) => text.includes("Depth (messages)")), parsed.texts.join());
  const picture = await saved(page, "download-png");
  assert.deepEqual([...picture.bytes.subarray(1, 4)], [..."PNG"].map((c) => c.charCodeAt(0)));
  assert.equal(picture.bytes.readUInt32BE(16), 1920, "two dots per unit");
  assert.ok(picture.bytes.length > 5000, "something is painted");
  for (const [file, ending] of [[table, "csv"], [drawing, "svg"], [picture, "png"]]) {
    assert.match(file.name, new RegExp(`^saved_b_[\\w-]*-depth-[\\dTZ-]+\\.${ending}$`));
  }
  redis("DEL", name);
});

browserTest("given the overview's charts when dragged over then all of them show that stretch", {}, async (page) => {
  await page.goto("/");
  await page.locator("body[data-hydrated]").waitFor();
  await drag(page, 0.4, 0.8);
  await zoomed(page);
  await page.getByTestId("zoom-back").click();
  await page.waitForURL((url) => !url.search.includes("from="));
  const table = await saved(page, "download-csv");
  assert.match(table.name, /^brokers-backlog-/);
  assert.match(table.bytes.toString("utf8"), /^time,orders \(messages\)/);
});

browserTest("given an address with what is no time when opened then the page names it", { allow: /400/ }, async (page) => {
  const queue = new Queue(page, ...ORDERS);
  await queue.seen();
  await page.goto(`${queue.path}?from=yesterday`);
  assert.match(await queue.charts.textContent(), /"yesterday" is no time/);
});
