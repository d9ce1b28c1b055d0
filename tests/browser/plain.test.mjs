// Without scripts: what the server writes is the whole page, and links and forms work by themselves.
import assert from "node:assert/strict";
import { before } from "node:test";
import { browserTest, SEEN_WITHIN } from "./house.mjs";
import { rabbitmq, redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";
import { Queues } from "./pages/queues.mjs";

// Chromium drops the script that it has begun to load.
const PLAIN = { javaScriptEnabled: false, allow: /failed: .*\.js$/ };
const hello = "/brokers/orders/queues/~2f:hello";
const list = unique("plain");

before(() => redis("RPUSH", list, '{"n":1}', '{"n":2}', '{"n":3}'));

browserTest("given no scripts when each page opens then it has its content", PLAIN, async (page) => {
  const content = {
    "/": ["broker-orders", "worst", "chart-backlog"],
    "/queues": ["queues", "rows-shown"],
    [hello]: ["headline", "charts", "chart-depth"],
    [`${hello}/consumers`]: ["consumers"],
    [`${hello}/configuration`]: ["configuration"],
    [`${hello}/activity`]: ["activity"],
    "/brokers/log/queues/my_topic/consumers": ["groups", "partitions"],
    "/settings": ["test"],
  };
  for (const [path, parts] of Object.entries(content)) {
    await page.goto(path);
    for (const part of parts) await page.getByTestId(part).first().waitFor({ timeout: 5_000 });
    assert.equal(await page.locator('main [aria-busy="true"]').count(), 0, `${path} still loads`);
  }
});

browserTest("given no scripts when the table is filtered and sorted then the address holds both", PLAIN, async (page) => {
  await page.goto("/queues");
  await page.locator("#filter").fill("kind:list");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/q=kind%3Alist/);
  const queues = new Queues(page);
  assert.equal(await queues.row("hello").count(), 0);
  await page.locator("th").getByRole("link", { name: "Queue" }).click();
  await page.waitForURL(/sort=name/);
  assert.match(page.url(), /q=kind/);
  const names = await queues.rows.locator("a.name").allTextContents();
  assert.deepEqual(names, [...names].sort((a, b) => a.toLowerCase() < b.toLowerCase() ? -1 : 1));
});

browserTest("given no scripts when a name is searched then the table shows what holds it", PLAIN, async (page) => {
  await page.goto("/");
  await page.locator("#search").fill("hello");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/queues\?q=hello/);
  await new Queues(page).row("hello").waitFor();
});

browserTest("given no scripts when another range is chosen then the charts are of it", PLAIN, async (page) => {
  await page.goto(hello);
  const marks = () => page.getByTestId("chart-depth").locator("svg > *").count();
  assert.ok((await marks()) > 0, "the chart is empty");
  await page.getByRole("link", { name: "6h", exact: true }).click();
  await page.waitForURL(/range=6h/);
  assert.ok((await marks()) > 0, "the chart is empty");
  assert.match(await page.getByTestId("chart-depth").getByRole("img").getAttribute("aria-label"), /^Depth, .* UTC: /);
});

browserTest("given no scripts when messages are read then pages, drawer and views are links", PLAIN, async (page) => {
  const queue = new Queue(page, "cache", ["0", "list", list]);
  await queue.seen();
  await page.goto(`${queue.path}/messages?limit=2`);
  assert.equal(await queue.messages.count(), 2);
  await page.getByTestId("next-page").click();
  await queue.messages.filter({ hasText: '"n":3' }).waitFor();
  await page.goBack();
  await queue.messages.first().getByRole("link").first().click();
  await queue.drawer.waitFor();
  await queue.drawer.getByRole("link", { name: "Hex" }).click();
  await page.waitForURL(/view=hex/);
  await page.getByTestId("close-drawer").click();
  await queue.drawer.waitFor({ state: "detached" });
});

browserTest("given no scripts when the price of a peek is paid then the messages are there", PLAIN, async (page) => {
  const name = unique("plain");
  await rabbitmq.declare(name);
  await rabbitmq.publish(name, ["one"]);
  const queue = new Queue(page, "orders", ["/", name]);
  await queue.seen();
  await page.goto(`${queue.path}/messages`);
  await queue.peek();
  await queue.messages.filter({ hasText: "one" }).waitFor();
  await rabbitmq.remove(name);
});

browserTest("given no scripts when the name is typed then a purge empties the queue", PLAIN, async (page) => {
  const name = unique("plain");
  redis("RPUSH", name, "a", "b");
  const queue = new Queue(page, "cache", ["0", "list", name]);
  const shown = async () => (await (await page.request.get(`/api/v1${queue.path}`)).json()).depth;
  await queue.seen();
  const until = Date.now() + SEEN_WITHIN;
  while ((await shown()) !== 2 && Date.now() < until) await page.waitForTimeout(300);
  await page.goto(`${queue.path}/purge`);
  await page.locator("#purge-confirm").fill(`${name}x`);
  await page.getByTestId("purge-send").click();
  assert.match(await page.getByTestId("form-error").textContent(), /Name of the queue/);
  await page.locator("#purge-confirm").fill(name);
  await page.getByTestId("purge-send").click();
  await page.getByTestId("purge-result").filter({ hasText: /\w/ }).waitFor();
  assert.equal(redis("LLEN", name), "0");
});

browserTest("given no scripts when a connection is tested then its steps are shown", PLAIN, async (page) => {
  await page.goto("/settings");
  await page.getByTestId("test").first().click();
  await page.waitForURL(/test=/);
  await page.getByTestId("steps").waitFor();
});
