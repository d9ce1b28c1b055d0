// The table with more queues than a screen holds: what is drawn, what is fetched, and what stays as it was.
import assert from "node:assert/strict";
import { browserTest, house, notReloaded, open, SEEN_WITHIN } from "./house.mjs";
import { redis, unique } from "./brokers.mjs";
import { Queues } from "./pages/queues.mjs";
import { after, before } from "node:test";

const MANY = 3000;
const prefix = unique("many");
/** The name of the nth of them; by name they stand in this order. */
const nth = (n) => `${prefix}-${String(n).padStart(4, "0")}`;
const table = (sort = "&sort=name") => `/queues?q=name~${prefix}${sort}`;
const MAKE = "for n = 0, ARGV[1] - 1 do redis.call('RPUSH', string.format('%s-%04d', KEYS[1], n), 'a') end";
const DROP = "for n = 0, ARGV[1] - 1 do redis.call('UNLINK', string.format('%s-%04d', KEYS[1], n)) end";

before(async () => {
  redis("EVAL", MAKE, "1", prefix, String(MANY));
  const until = Date.now() + 2 * SEEN_WITHIN;
  for (;;) {
    const found = await (await fetch(`${house.weir}/api/v1/queues?limit=1&q=name~${prefix}`)).json();
    if (found.total === MANY) return;
    assert.ok(Date.now() < until, `Weir sees ${found.total} of ${MANY}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
});
after(() => redis("EVAL", DROP, "1", prefix, String(MANY)));

const region = (page) => page.getByRole("region", { name: "Queues", exact: true });
const row = (page, n) => page.locator(`tr[data-row$="${nth(n)}"]`);
const scrollTo = (page, top) => region(page).evaluate((element, to) => { element.scrollTop = to; }, top);

browserTest("given thousands of queues when the table opens then only what is in sight is sent and drawn", {}, async (page) => {
  const html = await (await fetch(`${house.weir}${table()}`)).text();
  const sent = html.match(/<tr[^>]*data-row/g).length;
  assert.ok(sent <= 40, `${sent} rows were sent`);
  await open(page, table());
  await page.getByTestId("rows-shown").filter({ hasText: /rows 1–\d\d of 3,000/ }).waitFor();
  assert.match(await page.locator(".filter-count").textContent(), /3,000/);
  const { drawn, high } = await region(page).evaluate((element) => ({
    drawn: element.querySelectorAll("tr[data-row]").length,
    high: element.scrollHeight,
  }));
  assert.ok(drawn < 80, `${drawn} rows are drawn`);
  assert.ok(high >= MANY * 32 && high < MANY * 32 + 100, `the region is ${high} px high`);
});

browserTest("given thousands of queues when scrolled anywhere then the rows of that place come", {}, async (page) => {
  await open(page, table());
  for (const n of [1500, 2999, 700, 0]) {
    await scrollTo(page, n * 32);
    await row(page, n).waitFor();
    assert.equal(await row(page, n).getAttribute("aria-rowindex"), String(n + 2));
  }
});

browserTest("given a row in the midst when its queue fills then it is patched in place", {}, async (page) => {
  await open(page, table());
  await scrollTo(page, 2000 * 32);
  await row(page, 2003).waitFor();
  redis("RPUSH", nth(2003), "b", "c");
  const backlog = await new Queues(page).cell(nth(2003), "Backlog");
  await backlog.filter({ hasText: "3" }).waitFor({ timeout: SEEN_WITHIN });
  assert.ok(await notReloaded(page), "the page was loaded anew");
  assert.equal(await region(page).evaluate((element) => element.scrollTop), 2000 * 32);
});

browserTest("given J when pressed again and again then it goes on past what was drawn", {}, async (page) => {
  await open(page, table());
  await page.getByTestId("rows-shown").filter({ hasText: "of 3,000" }).waitFor();
  const focused = () => page.evaluate(() => Number(document.activeElement.getAttribute("aria-rowindex")) - 2);
  for (let n = 0; n < 600 && (await focused()) < 150; n += 1) await page.keyboard.press("j");
  const reached = await focused();
  assert.equal(reached, 150);
  await page.keyboard.press("k");
  assert.equal(await focused(), reached - 1);
});

browserTest("given a focused row when scrolled far away then J begins at what is in sight", {}, async (page) => {
  await open(page, table());
  await page.keyboard.press("j");
  await scrollTo(page, 1000 * 32);
  await row(page, 1001).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "region");
  await page.keyboard.press("j");
  assert.equal(await row(page, 1000).evaluate((element) => element === document.activeElement), true);
});

browserTest("given a row in the midst that was opened when the operator goes back then it is there with the focus", {}, async (page) => {
  await open(page, table());
  await scrollTo(page, 1200 * 32);
  await row(page, 1205).getByRole("link").first().click();
  await page.getByTestId("queue-name").waitFor();
  await page.goBack();
  await row(page, 1205).waitFor();
  await page.waitForFunction((id) => document.activeElement?.dataset.row?.endsWith(id), nth(1205));
  assert.equal(await region(page).evaluate((element) => element.scrollTop), 1200 * 32);
});

browserTest("given a table that is scrolled when sorted then it begins at the top", {}, async (page) => {
  await open(page, table());
  await scrollTo(page, 1200 * 32);
  await row(page, 1205).waitFor();
  await page.locator("th").getByRole("link", { name: "Queue", exact: true }).click();
  await page.waitForURL(/order=desc/);
  await row(page, MANY - 1).waitFor();
  assert.equal(await region(page).evaluate((element) => element.scrollTop), 0);
});

browserTest("given no scripts when the table is long then links lead from page to page", { javaScriptEnabled: false, allow: /failed: .*\.js$/ }, async (page) => {
  await page.goto(table());
  await row(page, 0).waitFor();
  await page.getByTestId("next").click();
  await row(page, 32).waitFor();
  assert.equal(await row(page, 0).count(), 0);
  await page.locator('a[rel="prev"]').click();
  await row(page, 0).waitFor();
  await page.goto(`${table()}&cursor=9000`);
  await page.getByRole("link", { name: "To the first rows" }).click();
  await row(page, 0).waitFor();
});
