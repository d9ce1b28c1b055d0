// What a panel shows while it has no data, when it can't get any, and when what it shows is old.
import assert from "node:assert/strict";
import { browserTest, open, rest, SEEN_WITHIN } from "./house.mjs";
import { redis, unique } from "./brokers.mjs";
import { Queues } from "./pages/queues.mjs";

const BLOCKED = { allow: /failed: |ERR_FAILED/ };
const overdue = (page) => page.getByTestId("overdue");

/** Follows a link of the rail, so that the browser itself has to fetch the page. */
const follow = (page, name) => page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name }).click();

browserTest("given a page that waits for its data when opened then it shows a skeleton", {}, async (page) => {
  await open(page, "/settings");
  let answer;
  const answered = new Promise((resolve) => { answer = resolve; });
  await page.route("**/ui/queues*", async (route) => {
    await answered;
    await route.continue();
  });
  await follow(page, "Queues");
  await page.locator('main [aria-busy="true"]').waitFor();
  answer();
  await page.getByTestId("queues").locator("tr[data-row]").first().waitFor();
  assert.equal(await page.locator('main [aria-busy="true"]').count(), 0);
});

for (const [name, path] of [["Overview", "overview"], ["Queues", "queues"], ["Settings", "settings"]]) {
  browserTest(`given ${name} whose data can't be had when opened then it says so since when, and a retry brings it`, BLOCKED, async (page) => {
    await open(page, name === "Settings" ? "/" : "/settings");
    await page.route(`**/ui/${path}*`, (route) => route.abort());
    await follow(page, name);
    const error = page.locator("main").getByTestId("error");
    await error.filter({ hasText: /It has failed for \d+ s/ }).waitFor();
    await page.unroute(`**/ui/${path}*`);
    await error.getByRole("link", { name: "Retry" }).click();
    await error.waitFor({ state: "detached" });
    await page.locator("main").getByRole("table").or(page.getByTestId("brokers")).first().waitFor();
  });
}

browserTest("given figures that can't be fetched anew when shown then they stay and say so, and a retry brings new ones", BLOCKED, async (page) => {
  await open(page, "/");
  await page.route("**/ui/overview*", (route) => route.abort());
  await overdue(page).filter({ hasText: /could not be read anew.*for \d+ s/ }).waitFor({ timeout: SEEN_WITHIN });
  await page.getByTestId("broker-cache").waitFor();
  await page.unroute("**/ui/overview*");
  await overdue(page).getByRole("link", { name: "Retry" }).click();
  await overdue(page).waitFor({ state: "detached" });
});

browserTest("given a broker that stops answering when looked at then its last figures stay, grey, with their age", {}, async (page) => {
  const name = unique("stale");
  redis("RPUSH", name, "a");
  const queues = await new Queues(page).openWith(name, `name~${name}`);
  const [, server] = /process_id:(\d+)/.exec(redis("INFO", "server"));
  const card = async () => (await rest("/brokers")).items.find((broker) => broker.name === "cache");
  process.kill(Number(server), "SIGSTOP");
  try {
    while ((await card()).status !== "down") await page.waitForTimeout(500);
    await queues.row(name).getByTestId("stale").filter({ hasText: /of \d\d:\d\d:\d\d/ }).waitFor({ timeout: SEEN_WITHIN });
    assert.match(await queues.row(name).getAttribute("class"), /stale/);
    assert.equal((await (await queues.cell(name, "Backlog")).textContent()).trim(), "1");
    await open(page, "/");
    const shown = page.getByTestId("broker-cache");
    await shown.filter({ hasText: /for \d+ .*ago/ }).waitFor();
    assert.match(await shown.getAttribute("class"), /stale/);
  } finally {
    process.kill(Number(server), "SIGCONT");
  }
  while ((await card()).status !== "up") await page.waitForTimeout(500);
  await page.locator('[data-testid="broker-cache"]:not(.stale)').waitFor({ timeout: SEEN_WITHIN });
  redis("DEL", name);
});

browserTest("given panels with data when shown then each says how old it is", {}, async (page) => {
  const queue = "/brokers/orders/queues/~2f:hello";
  const pages = ["/", `${queue}/configuration`, `${queue}/consumers`, "/brokers/log/queues/my_topic/consumers", "/settings"];
  for (const path of pages) {
    await open(page, path);
    const silent = await page.locator("main section.panel:not(:has(time)):not(:has(.emptyhouse, .twocol))")
      .evaluateAll((panels) => panels.map((panel) => panel.getAttribute("aria-label") ?? panel.className));
    assert.deepEqual(silent, [], `on ${path}`);
  }
});
