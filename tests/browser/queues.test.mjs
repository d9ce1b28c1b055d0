import assert from "node:assert/strict";
import { browserTest, fits, notReloaded, PHONE, rest, SEEN_WITHIN } from "./house.mjs";
import { rabbitmq, redis, unique } from "./brokers.mjs";
import { Queues } from "./pages/queues.mjs";

browserTest("given the article's four queues when the table opens then all are listed", {}, async (page) => {
  const queues = await new Queues(page).open();
  for (const name of ["hello", "my_queue", "my_channel", "my_topic"]) await queues.row(name).first().waitFor();
});

browserTest("given a filter in the address when the table opens then only what it names is listed", {}, async (page) => {
  const queues = await new Queues(page).open("broker:cache kind:list");
  await queues.row("my_queue").waitFor();
  assert.equal(await queues.row("hello").count(), 0);
  assert.equal(await queues.row("shop:events").count(), 0);
});

browserTest("given the head of a column when pressed then the table is sorted by it", {}, async (page) => {
  const queues = await new Queues(page).open();
  await page.getByRole("link", { name: "Depth" }).click();
  await page.waitForURL(/sort=depth/);
  const { items } = await rest("/queues?sort=depth&order=desc&limit=1");
  await queues.rows.first().getByRole("link", { name: items[0].name, exact: true }).waitFor();
});

browserTest("given a mistyped key when the table opens then the page names the key that was meant", { allow: /400/ }, async (page) => {
  await page.goto("/queues?q=brokr%3Acache");
  assert.match(await page.locator("main").textContent(), /"brokr" is no key; did you mean broker/);
});

browserTest("given a queue that fills when the table is open then its backlog follows without a reload", {}, async (page) => {
  const name = unique("fills");
  redis("RPUSH", name, "a", "b", "c");
  const queues = await new Queues(page).openWith(name, `name~${name}`);
  redis("RPUSH", name, "d", "e");
  const backlog = await queues.cell(name, "Backlog");
  await backlog.filter({ hasText: "5" }).waitFor({ timeout: SEEN_WITHIN });
  assert.ok(await notReloaded(page), "the page was loaded anew");
  redis("DEL", name);
});

browserTest("given a change while the page's wasm is on its way when it arrives then the change is shown", { allow: /preload/ }, async (page) => {
  const name = unique("between");
  redis("RPUSH", name, "a");
  const queues = await new Queues(page).openWith(name, `name~${name}`);
  let arrive;
  const arrival = new Promise((resolve) => { arrive = resolve; });
  await page.route("**/*.wasm", async (route) => {
    await arrival;
    await route.continue();
  });
  await page.goto(`/queues?q=name~${name}`, { waitUntil: "commit" });
  await queues.row(name).waitFor();
  redis("RPUSH", name, "b", "c");
  while ((await rest(`/queues?q=name~${name}`)).items[0].depth !== 3) await page.waitForTimeout(200);
  arrive();
  await (await queues.cell(name, "Backlog")).filter({ hasText: "3" }).waitFor({ timeout: SEEN_WITHIN });
  redis("DEL", name);
});

browserTest("given an open table when time passes then the age of its figures goes on", {}, async (page) => {
  await new Queues(page).open();
  const ages = new Set();
  for (let n = 0; n < 16; n += 1) {
    ages.add(await page.getByTestId("rail-brokers").first().textContent());
    await page.waitForTimeout(500);
  }
  assert.ok(ages.size > 3, `the ages stood still: ${[...ages].join(" | ")}`);
});

browserTest("given a name with markup when listed then it is shown as text", {}, async (page) => {
  const name = `${unique("odd")} <img src=x onerror="document.title='harmed'">/:"'`;
  await rabbitmq.declare(name);
  const queues = await new Queues(page).openWith(name, `name~${name.slice(0, 12)}`);
  await queues.row(name).getByRole("link").first().click();
  await page.getByTestId("queue-name").filter({ hasText: name }).waitFor();
  assert.notEqual(await page.title(), "harmed");
  await rabbitmq.remove(name);
});

browserTest("given a phone when the table opens then nothing sticks out", { viewport: PHONE }, async (page) => {
  await new Queues(page).open();
  await fits(page);
});
