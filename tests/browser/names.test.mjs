// Names that are long, or that lie about their letters.
import assert from "node:assert/strict";
import { browserTest, DESK, fits, PHONE } from "./house.mjs";
import { rabbitmq, redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";

for (const [window, viewport] of [["desk", DESK], ["phone", PHONE]]) {
  browserTest(`given a name of 255 bytes when its page opens on a ${window} then nothing sticks out`, { viewport }, async (page) => {
    const name = unique("long").padEnd(255, "x");
    await rabbitmq.declare(name);
    const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen();
    await fits(page);
    const [title, publish] = [await queue.name.boundingBox(), await queue.publishButton.boundingBox()];
    const apart = title.x + title.width <= publish.x || title.y + title.height <= publish.y;
    assert.ok(apart, "the name runs under the buttons");
    for (const form of ["publish", "purge"]) {
      await queue.open(form);
      await fits(page);
      const dialog = page.getByRole("dialog");
      assert.ok(await dialog.evaluate((box) => box.scrollWidth <= box.clientWidth), `${form} is too wide`);
    }
    await rabbitmq.remove(name);
  });
}

browserTest("given a name that turns its letters round when shown then the sign is written out and the id is typed", {}, async (page) => {
  const name = `${unique("turn")}\u202egpj`;
  redis("RPUSH", name, "a");
  const queue = await new Queue(page, "cache", ["0", "list", name]).openWhenSeen("purge");
  const shown = name.replace("\u202e", "\\u{202e}");
  assert.equal(await queue.name.textContent(), shown);
  assert.ok((await page.title()).startsWith(shown));
  assert.ok(!(await page.locator("body").innerText()).includes("\u202e"));
  await queue.purge(queue.path.split("/").at(-1));
  assert.equal(redis("EXISTS", name), "0");
});
