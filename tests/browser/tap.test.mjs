// Listening to a channel: messages on the screen as they pass, and nobody listens once the page is left.
import assert from "node:assert/strict";
import { redis, unique } from "./brokers.mjs";
import { browserTest, open, PHONE, fits, rest } from "./house.mjs";
import { Queue } from "./pages/queue.mjs";

const subscribers = (channel) => Number(redis("PUBSUB", "NUMSUB", channel).split("\n")[1]);

/** The broker that is a Redis, and its first channel. */
async function aChannel() {
  const { items } = await rest("/queues?kind=channel&limit=10");
  const row = items.find((one) => !one.vanished && one.consumers > 0);
  assert.ok(row, "the shop has a channel");
  return row;
}

async function until(what, holds) {
  for (const end = Date.now() + 15_000; !holds(); ) {
    assert.ok(Date.now() < end, what);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function tapOf(page) {
  const { broker, name } = await aChannel();
  const queue = new Queue(page, broker, ["0", "channel", name]);
  await queue.open("messages");
  const before = subscribers(name);
  return { queue, name, before, toggle: page.getByTestId("tap-toggle"), state: page.getByTestId("tap-state").first() };
}

browserTest("given a channel when listened to then messages stand on the screen until it is stopped", {}, async (page) => {
  const { queue, name, before, toggle, state } = await tapOf(page);
  assert.match(await state.textContent(), /^Not listening/);
  await toggle.click();
  await until("Weir subscribes", () => subscribers(name) === before + 1);
  const body = `{"said": "${unique("hello")}", "and": "more\\nlines"}`;
  redis("PUBLISH", name, body);
  const row = page.getByTestId("tap-row").filter({ hasText: body.slice(0, 20) });
  await row.waitFor();
  await state.filter({ hasText: /\d+ messages? .* in \d+s, .*\/s now/ }).waitFor();
  assert.equal((await page.getByTestId("figure-consumers").locator("dd").first().textContent()).trim(), String(before));
  await toggle.click();
  await until("nobody listens", () => subscribers(name) === before);
  await state.filter({ hasText: /^Stopped/ }).waitFor();
  await row.waitFor();
  await open(page, `${queue.path}/activity`);
  await page.getByTestId("activity-row").filter({ hasText: "tap listen to what passes" }).first().waitFor();
});

browserTest("given a tap on a phone when the page is left then it ends", { viewport: PHONE }, async (page) => {
  const { name, before, toggle } = await tapOf(page);
  await toggle.click();
  await until("Weir subscribes", () => subscribers(name) === before + 1);
  redis("PUBLISH", name, "x".repeat(3000));
  await page.getByTestId("tap-row").first().waitFor();
  await fits(page);
  await page.getByRole("link", { name: "Configuration" }).click();
  await until("nobody listens", () => subscribers(name) === before);
});

browserTest("given a channel without scripts when opened then it says how to listen", { javaScriptEnabled: false, allow: /failed: .*\.js$/ }, async (page) => {
  const { broker, name, id } = await aChannel();
  await page.goto(`/brokers/${broker}/queues/${id}/messages`);
  const panel = page.getByTestId("tap");
  await panel.getByText(`curl -N`).waitFor();
  assert.ok(!(await page.getByTestId("tap-toggle").isVisible()), name);
});
