// What the pages say when something is wrong: in the operator's words, with a way out that can help.
import assert from "node:assert/strict";
import { browserTest } from "./house.mjs";
import { rabbitmq, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";

browserTest("given a filter that can't be read when the table opens then its label is named and no retry is offered", { allow: /400/ }, async (page) => {
  await page.goto("/queues?q=depth%3Eabc");
  const error = page.getByTestId("error");
  assert.match(await error.textContent(), /Filter: /);
  assert.equal(await error.getByRole("link", { name: "Retry" }).count(), 0);
  assert.equal(await page.locator("#filter").inputValue(), "depth>abc");
});

browserTest("given a queue that is none when its page opens then the tab has a title and nothing else is shown", { allow: /404/ }, async (page) => {
  await page.goto("/brokers/orders/queues/~2f:no-such");
  await page.getByTestId("error").first().waitFor();
  assert.equal(await page.title(), "Not found · Weir");
  assert.ok(!(await page.locator(".chart-tools").isVisible()), "the range lies over the error");
});

browserTest("given a channel when its messages open then it says that none is kept, and how to listen", { allow: /422/ }, async (page) => {
  await new Queue(page, "cache", ["0", "channel", "my_channel"]).openWhenSeen("messages");
  const text = await page.getByTestId("messages").textContent();
  assert.match(text, /nothing is kept/);
  assert.doesNotMatch(text, /Retry/);
});

browserTest("given a message that reached no queue when the activity opens then it was dropped", {}, async (page) => {
  const name = unique("dropped");
  await rabbitmq.declare(name);
  const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen("publish");
  await page.locator("#publish-routing_key").fill(`${name}-nowhere`);
  await queue.publish("lost");
  const answer = await page.getByTestId("publish-result").textContent();
  assert.match(answer, /dropped as unroutable: there is no queue/);
  assert.doesNotMatch(answer, /confirmed by/);
  await queue.open("activity");
  await page.getByTestId("activity-outcome").filter({ hasText: "dropped" }).first().waitFor();
  await rabbitmq.remove(name);
});

browserTest("given a dead-letter exchange without a name when the configuration opens then it says the default one", {}, async (page) => {
  const name = unique("dlx");
  await rabbitmq.declare(name, { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "hello" });
  await new Queue(page, "orders", ["/", name]).openWhenSeen("configuration");
  await page.getByTestId("setting-row").filter({ hasText: "x-dead-letter-exchange" }).filter({ hasText: "default exchange" }).waitFor();
  await rabbitmq.remove(name);
});
