// Everything by the keyboard alone: no test here has a pointer.
import assert from "node:assert/strict";
import { browserTest, notReloaded, open, SEEN_WITHIN } from "./house.mjs";
import { rabbitmq, redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";

const active = (page, of) => page.evaluate(`(${of})(document.activeElement)`);
const activeTestId = (page) => active(page, "(element) => element.dataset.testid ?? element.id");

/** Goes where the palette leads for what is typed. */
async function go(page, typed, option) {
  await page.keyboard.press("Control+k");
  await page.keyboard.type(typed);
  await page.locator('[role="option"][aria-selected="true"]').filter({ hasText: option }).waitFor();
  await page.keyboard.press("Enter");
}

/** Presses Tab until the element of that test id or id has the focus. */
async function tabTo(page, id) {
  for (let n = 0; n < 60; n += 1) {
    if ((await activeTestId(page)) === id) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not come to ${id}`);
}

browserTest("given the palette when a queue is named then it opens, and its messages are read, by keys alone", {}, async (page) => {
  const name = unique("keys");
  redis("RPUSH", name, '{"n":1}', '{"n":2}');
  const queue = new Queue(page, "cache", ["0", "list", name]);
  await queue.seen();
  await open(page, "/");
  await go(page, name, name);
  await queue.name.filter({ hasText: name }).waitFor();
  await go(page, "read", "Read messages");
  await queue.messages.first().waitFor();
  await page.keyboard.press("j");
  assert.equal(await activeTestId(page), "message-row");
  await page.keyboard.press("Enter");
  await queue.drawer.waitFor();
  await page.waitForFunction(() => document.activeElement.dataset.testid === "message-drawer");
  await page.keyboard.press("j");
  await page.waitForFunction(() => document.activeElement.getAttribute("aria-label")?.includes("1"));
  await page.keyboard.press("Escape");
  await queue.drawer.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement.dataset.row?.startsWith("1"));
  assert.ok(await notReloaded(page), "the page was loaded anew");
  redis("DEL", name);
});

browserTest("given a queue when its acts are chosen in the palette then it is published to and purged by keys alone", {}, async (page) => {
  const name = unique("keys");
  await rabbitmq.declare(name);
  const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen();
  await go(page, "publish", "Publish a message");
  await page.getByTestId("publish-form").waitFor();
  await tabTo(page, "publish-body");
  await page.keyboard.type("by keys");
  await page.keyboard.press("Control+Enter");
  await page.getByTestId("publish-result").filter({ hasText: /\w/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("publish-form").waitFor({ state: "detached" });
  assert.equal((await rabbitmq.peek(name)).length, 1);
  await queue.figure("depth").filter({ hasText: /^1/ }).waitFor({ timeout: SEEN_WITHIN });
  await go(page, "purge", "Purge");
  await page.waitForFunction(() => document.activeElement.id === "purge-confirm");
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await page.getByTestId("purge-result").filter({ hasText: /\w/ }).waitFor();
  assert.equal((await rabbitmq.peek(name)).length, 0);
  await rabbitmq.remove(name);
});

browserTest("given a dialog when Tab is pressed then the focus stays in it, and goes back where it came from", {}, async (page) => {
  await new Queue(page, "orders", ["/", "hello"]).open();
  await tabTo(page, "publish");
  await page.keyboard.press("Enter");
  await page.getByTestId("publish-form").waitFor();
  for (let n = 0; n < 40; n += 1) {
    await page.keyboard.press("Tab");
    // Between its last and its first element the focus is the browser's own.
    assert.ok(await active(page, "(element) => element === document.body || element.closest('dialog') !== null"));
  }
  await page.keyboard.press("Escape");
  await page.getByTestId("publish-form").waitFor({ state: "detached" });
  assert.equal(await activeTestId(page), "publish");
});

browserTest("given the palette when Esc is pressed then the focus goes back to the row it came from", {}, async (page) => {
  await open(page, "/queues");
  await page.keyboard.press("j");
  const row = await active(page, "(element) => element.dataset.row");
  await page.keyboard.press("/");
  assert.equal(await activeTestId(page), "search");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("listbox").waitFor({ state: "detached" });
  assert.equal(await active(page, "(element) => element.dataset.row"), row);
});

browserTest("given a table with the focus when the arrows are pressed then they go from row to row", {}, async (page) => {
  await open(page, "/queues");
  await page.getByRole("region", { name: "Queues", exact: true }).focus();
  const row = () => active(page, "(element) => element.getAttribute('aria-rowindex')");
  await page.keyboard.press("ArrowDown");
  assert.equal(await row(), "2");
  await page.keyboard.press("ArrowDown");
  assert.equal(await row(), "3");
  await page.keyboard.press("ArrowUp");
  assert.equal(await row(), "2");
});

browserTest("given groups and partitions when J is pressed then it goes through them", {}, async (page) => {
  await new Queue(page, "log", ["my_topic"]).openWhenSeen("consumers");
  const seen = new Set();
  for (let n = 0; n < 12; n += 1) {
    await page.keyboard.press("j");
    seen.add(await activeTestId(page));
  }
  assert.ok(seen.has("group-row") && seen.has("partition-row"), [...seen].join());
});

browserTest("given the first Tab when Enter is pressed then the content has the focus", {}, async (page) => {
  await open(page, "/queues");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await activeTestId(page), "main");
});

browserTest("given a link of the palette when followed then the content of its page has the focus", {}, async (page) => {
  await open(page, "/queues");
  await go(page, "settings", "Settings");
  await page.waitForURL(/\/settings$/);
  await page.waitForFunction(() => document.activeElement.id === "main");
});

for (const path of ["/", "/queues", "/brokers/orders/queues/~2f:hello", "/settings"]) {
  browserTest(`given ${path} when Tab goes through it then one sees where the focus is`, {}, async (page) => {
    await open(page, path);
    for (let n = 0; n < 45; n += 1) {
      await page.keyboard.press("Tab");
      const unseen = await page.evaluate(() => {
        const outlined = (element) => getComputedStyle(element).outlineStyle !== "none";
        let element = document.activeElement;
        // A field is outlined by the box around it.
        for (let level = 0; element && level < 3; level += 1, element = element.parentElement) {
          if (outlined(element)) return null;
        }
        return document.activeElement === document.body ? null : document.activeElement.outerHTML.slice(0, 200);
      });
      assert.equal(unseen, null);
    }
  });
}
