import assert from "node:assert/strict";
import { browserTest, house, notReloaded, SEEN_WITHIN } from "./house.mjs";
import { rabbitmq, redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";

browserTest("given the publish form when sent to RabbitMQ then the broker has the message and the page shows it", {}, async (page) => {
  const name = unique("publish");
  await rabbitmq.declare(name);
  const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen("publish");
  await queue.publish('{"order": "O-1"}');
  const [message] = await rabbitmq.peek(name);
  assert.equal(message.payload, '{"order": "O-1"}');
  assert.ok(await notReloaded(page), "the page was loaded anew");
  await queue.open();
  await queue.figure("depth").filter({ hasText: /^1/ }).waitFor({ timeout: SEEN_WITHIN });
  await rabbitmq.remove(name);
});

browserTest("given the publish form when sent to a topic then the record can be read", {}, async (page) => {
  const body = unique("record");
  const queue = await new Queue(page, "log", ["my_topic"]).openWhenSeen("publish");
  await queue.publish(body);
  const shown = await (await fetch(`${house.weir}/api/v1${queue.path}/messages?from=newest&limit=20`)).json();
  assert.ok(shown.items.some((message) => message.body?.data === body), "the record is not among the newest");
});

browserTest("given the name when typed then a purge empties the queue", {}, async (page) => {
  const name = unique("purge");
  await rabbitmq.declare(name);
  await rabbitmq.publish(name, ["one", "two"]);
  const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen();
  await queue.figure("depth").filter({ hasText: /^2/ }).waitFor({ timeout: SEEN_WITHIN });
  await queue.open("purge");
  await queue.purge(name);
  assert.equal((await rabbitmq.peek(name)).length, 0);
  await queue.open("activity");
  await page.getByTestId("activity-row").first().waitFor();
  await rabbitmq.remove(name);
});

browserTest("given a wrong name when typed then nothing is purged", { allow: /409|Conflict/ }, async (page) => {
  const name = unique("keep");
  redis("RPUSH", name, "a", "b");
  const queue = await new Queue(page, "cache", ["0", "list", name]).openWhenSeen("purge");
  await queue.purge(`${name}x`);
  assert.match(await page.getByTestId("form-error").textContent(), /Name of the queue: ".*x" is not/);
  assert.equal(redis("LLEN", name), "2");
  redis("DEL", name);
});

browserTest("given no scripts when the publish form is sent then the list has the element", { javaScriptEnabled: false, allow: /failed: .*\.js$/ }, async (page) => {
  const name = unique("plain");
  redis("RPUSH", name, "first");
  const queue = new Queue(page, "cache", ["0", "list", name]);
  await queue.seen();
  await page.goto(`${queue.path}/publish`);
  await page.getByTestId("publish-body").fill("second");
  await page.getByTestId("publish-send").click();
  await page.waitForLoadState();
  assert.equal(redis("LRANGE", name, "0", "-1").split("\n").sort().join(), "first,second");
  redis("DEL", name);
});
