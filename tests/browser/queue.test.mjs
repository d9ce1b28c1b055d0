import assert from "node:assert/strict";
import { browserTest, fits, notReloaded, PHONE, SEEN_WITHIN } from "./house.mjs";
import { rabbitmq, redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";

browserTest("given a queue of each kind when its page opens then its charts are drawn", {}, async (page) => {
  const kinds = [
    ["orders", ["/", "orders"]],
    ["orders", ["/", "shop.events"]],
    ["cache", ["0", "list", "jobs:email"]],
    ["cache", ["0", "stream", "shop:events"]],
    ["log", ["orders"]],
  ];
  for (const [broker, parts] of kinds) {
    const queue = await new Queue(page, broker, parts).openWhenSeen();
    assert.equal(await queue.name.textContent(), parts.at(-1));
    await queue.charts.locator("svg path, svg polyline, svg polygon").first().waitFor({ state: "attached" });
  }
});

browserTest("given an open page when messages arrive then its depth follows without a reload", {}, async (page) => {
  const name = unique("page");
  await rabbitmq.declare(name);
  const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen();
  await rabbitmq.publish(name, ["one", "two", "three"]);
  await queue.figure("depth").filter({ hasText: /^3/ }).waitFor({ timeout: SEEN_WITHIN });
  assert.ok(await notReloaded(page), "the page was loaded anew");
  await rabbitmq.remove(name);
});

browserTest("given waiting messages when the price is paid then they are shown and stay", {}, async (page) => {
  const name = unique("page");
  await rabbitmq.declare(name);
  await rabbitmq.publish(name, ['{"order":1}', "plain"]);
  const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen("messages");
  assert.equal(await queue.messages.count(), 0, "nothing is taken before the price is accepted");
  await queue.peek();
  await queue.messages.nth(1).waitFor();
  await queue.messages.first().getByRole("link").first().click();
  await queue.drawer.getByTestId("body-tree").waitFor();
  assert.equal((await rabbitmq.peek(name)).length, 2);
  await rabbitmq.remove(name);
});

browserTest("given a list when its messages open then they are read without a price", {}, async (page) => {
  const name = unique("jobs");
  redis("RPUSH", name, "left end", '{"n":2}', "right end");
  const queue = await new Queue(page, "cache", ["0", "list", name]).openWhenSeen("messages");
  await queue.messages.nth(2).waitFor();
  assert.equal(redis("LLEN", name), "3");
  redis("DEL", name);
});

browserTest("given a rejected order when the dead-letter queue is read then its way is shown", {}, async (page) => {
  const queue = await new Queue(page, "orders", ["/", "orders.dead-letter"]).open("messages");
  await queue.peek();
  await queue.messages.first().getByRole("link").first().click();
  const stop = queue.drawer.getByTestId("death-path").getByTestId("death").first();
  assert.match(await stop.textContent(), /orders.*rejected|rejected.*orders/s);
});

browserTest("given a topic when its groups open then each tells its lag and its status", {}, async (page) => {
  const queue = await new Queue(page, "log", ["orders"]).open("consumers");
  for (const group of ["billing", "analytics", "fraud"]) {
    const row = page.getByTestId("group-row").filter({ hasText: group }).first();
    await row.waitFor();
    assert.ok(await row.locator(".status").getAttribute("title"), `${group}: a status says why`);
  }
  assert.equal(await queue.name.textContent(), "orders");
});

browserTest("given a phone when a queue's pages open then nothing sticks out", { viewport: PHONE }, async (page) => {
  for (const tab of ["", "messages", "consumers", "configuration", "activity"]) {
    await new Queue(page, "orders", ["/", "orders"]).open(tab);
    await fits(page);
  }
});
