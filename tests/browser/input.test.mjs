// Bad input as a person meets it: names and bodies that lie or harm, and acts that the broker refuses.
import assert from "node:assert/strict";
import { before } from "node:test";
import { browserTest, house, open, SEEN_WITHIN } from "./house.mjs";
import { rabbitmq, redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";

const REFUSED = { allow: /40[049]|413|422/ };
const HARM = `<script>globalThis.harmed = 1</script><img src=x onerror="globalThis.harmed = 1">`;

/** Pushes by a script of Redis' own: its command line takes neither odd bytes nor large elements. */
const push = (list, element) => redis("EVAL", `return redis.call('RPUSH', KEYS[1], ${element})`, "1", list);

/** Sends the open form and gives what it was refused with. */
async function refused(queue, body) {
  await queue.publish(body);
  return queue.page.getByTestId("form-error").textContent();
}

for (const [broker, place, make] of [
  ["orders", ["/"], (name) => rabbitmq.declare(name)],
  ["cache", ["0", "list"], (name) => redis("RPUSH", name, HARM)],
]) {
  browserTest(`given a name full of markup on ${broker} when all its pages are used then it is that queue and nothing runs`, {}, async (page) => {
    const name = `${unique("odd")}/a:b c&d "e" 'f' ${HARM}`;
    await make(name);
    const queue = await new Queue(page, broker, [...place, name]).openWhenSeen("publish");
    await queue.publish(HARM);
    for (const tab of ["", "consumers", "configuration", "activity", "messages"]) {
      await queue.open(tab);
      assert.equal(await queue.name.textContent(), name, tab);
    }
    if (broker === "orders") {
      await queue.open();
      await queue.figure("depth").filter({ hasText: /^1/ }).waitFor({ timeout: SEEN_WITHIN });
      await queue.open("messages");
      await queue.peek();
    }
    await queue.messages.first().getByRole("link").first().click();
    await queue.drawer.getByTestId("body-text").filter({ hasText: HARM }).waitFor();
    for (const path of ["/", `/queues?q=${encodeURIComponent(`name~${name.slice(0, 12)}`)}`]) await open(page, path);
    assert.equal(await page.evaluate(() => globalThis.harmed), undefined, "markup in a name or a body was run");
    await queue.open("purge");
    // A purge of more than is shown is refused.
    await queue.figure("depth").filter({ hasText: broker === "orders" ? /^1/ : /^2/ }).waitFor({ timeout: SEEN_WITHIN });
    await queue.purge(name);
    await page.getByTestId("purge-result").filter({ hasText: /Purged \d/ }).waitFor();
    if (broker === "orders") await rabbitmq.remove(name);
  });
}

browserTest("given a key that is no text when purged then its id is asked for, and what it looks like is not enough", REFUSED, async (page) => {
  const prefix = unique("bytes");
  redis("EVAL", "redis.call('RPUSH', KEYS[1] .. '\\255', 'a') redis.call('RPUSH', KEYS[1] .. '\\254', 'a')", "1", prefix);
  const queue = new Queue(page, "cache", ["0", "list", prefix]);
  queue.path += "~ff";
  await queue.openWhenSeen("purge");
  const shown = `${prefix}\ufffd`;
  assert.equal(await queue.name.textContent(), shown);
  await queue.purge(shown);
  assert.match(await page.getByTestId("form-error").textContent(), /is not "0:list:.*~ff": nothing was purged/);
  await queue.purge(queue.path.split("/").at(-1));
  await page.getByTestId("purge-result").filter({ hasText: "Purged 1 message" }).waitFor();
  const left = redis("EVAL", "return redis.call('LLEN', KEYS[1] .. '\\255') .. redis.call('LLEN', KEYS[1] .. '\\254')", "1", prefix);
  assert.equal(left, "01");
});

browserTest("given an open queue when it vanishes then its pages say so, keep what was told last and refuse acts until it is back", REFUSED, async (page) => {
  const name = unique("vanishes");
  await rabbitmq.declare(name);
  const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen();
  await rabbitmq.remove(name);
  const facts = page.locator(".qhead .facts");
  await facts.filter({ hasText: "not on the broker at the moment" }).waitFor({ timeout: SEEN_WITHIN });
  await queue.open("messages");
  await page.getByTestId("messages").filter({ hasText: "the queue is not on the broker at the moment" }).waitFor();
  await queue.open("configuration");
  await page.locator("main").getByText(/As of .*: it is not on the broker at the moment/).first().waitFor();
  await queue.open("publish");
  const send = page.getByTestId("publish-send");
  assert.deepEqual([await send.getAttribute("aria-disabled"), await send.getAttribute("title")], ["true", "it is not on the broker any more"]);
  await rabbitmq.declare(name);
  await page.locator("[data-testid=publish-send]:not([aria-disabled])").waitFor({ timeout: SEEN_WITHIN });
});

const bodies = unique("bodies");
before(() => {
  for (const element of ["'\\0\\255\\1'", "'{\"not\": json'", "''", "string.rep('x', 20000000)"]) push(bodies, element);
});

browserTest("given bodies that are no JSON, no text or nothing when opened then each is called what it is", {}, async (page) => {
  const queue = await new Queue(page, "cache", ["0", "list", bodies]).openWhenSeen("messages");
  await queue.messages.nth(2).waitFor();
  const kinds = [["body-hex", /00 ff 01/, /bytes, 3 B/], ["body-text", /\{"not": json/, /looks like JSON and is none: expected value at line 1 column 9/], ["message-body", /empty/, /0 B/]];
  for (const [n, [part, shown, called]] of kinds.entries()) {
    await queue.messages.nth(n).getByRole("link").first().click();
    await queue.drawer.getByTestId(part).filter({ hasText: shown }).waitFor();
    assert.match(await queue.drawer.getByTestId("message-body").textContent(), called);
  }
  assert.match(await queue.messages.nth(2).textContent(), /empty/);
});

browserTest("given a body of 20 MB when its page opens then it is shown cut, with its size, and the download is whole", {}, async (page) => {
  const queue = await new Queue(page, "cache", ["0", "list", bodies]).openWhenSeen("messages");
  assert.match(await page.getByTestId("messages-end").textContent(), /3 messages: a page holds 16 MiB at most: go on with the next/);
  await page.getByTestId("next-page").click();
  await queue.messages.filter({ hasText: "20 MB" }).waitFor();
  await queue.messages.first().getByRole("link").first().click();
  await queue.drawer.getByText("The body is longer than what is shown").waitFor();
  assert.ok((await queue.drawer.getByTestId("body-text").textContent()).length <= 256 * 1024);
  const link = queue.drawer.getByRole("link", { name: "Download" });
  const answer = await page.request.get(await link.getAttribute("href"));
  assert.match(answer.headers()["content-disposition"], /^attachment/);
  assert.equal((await answer.body()).length, 20_000_000);
});

browserTest("given a tombstone when published then the topic's page calls it one", {}, async (page) => {
  const key = unique("deleted");
  const queue = await new Queue(page, "log", ["my_topic"]).openWhenSeen("publish");
  await page.locator("#publish-key").fill(key);
  await page.getByTestId("publish-tombstone").check();
  await queue.publish("");
  await queue.open("messages");
  const row = queue.messages.filter({ hasText: key });
  assert.match(await row.textContent(), /tombstone/);
  await row.getByRole("link").first().click();
  await queue.drawer.getByText("A tombstone: it has no body and deletes its key.").waitFor();
});

browserTest("given a message that RabbitMQ can't take when published then the form says why and keeps it", REFUSED, async (page) => {
  const name = unique("refused");
  await rabbitmq.declare(name);
  const queue = await new Queue(page, "orders", ["/", name]).openWhenSeen("publish");
  await page.locator("#publish-exchange").fill("nowhere");
  assert.match(await refused(queue, "lost"), /Refused: nothing was sent: there is no exchange "nowhere"/);
  assert.equal(await page.getByTestId("publish-body").inputValue(), "lost");
  assert.equal((await rabbitmq.peek(name)).length, 0);
  await rabbitmq.remove(name);
});

browserTest("given a message that Kafka can't take when published then the form says why", REFUSED, async (page) => {
  const queue = await new Queue(page, "log", ["my_topic"]).openWhenSeen("publish");
  assert.match(await refused(queue, "x".repeat(2_000_000)), /larger than my_topic takes \(its setting max\.message\.bytes\)/);
  await queue.open("publish");
  await page.locator("#publish-partition").fill("99");
  assert.match(await refused(queue, "lost"), /Partition: my_topic has partitions 0 to 0/);
});

browserTest("given a list that became a set when published to then the form says so and the set stays", REFUSED, async (page) => {
  const name = unique("retyped");
  redis("RPUSH", name, "a");
  const queue = await new Queue(page, "cache", ["0", "list", name]).openWhenSeen("publish");
  redis("EVAL", "redis.call('DEL', KEYS[1]) redis.call('SADD', KEYS[1], 'member')", "1", name);
  assert.match(await refused(queue, "lost"), /the key holds a set now, no list/);
  assert.equal(redis("SMEMBERS", name), "member");
  redis("DEL", name);
});

browserTest("given a body beyond 20 MiB when its form is posted then the page says how much is allowed", REFUSED, async (page) => {
  const name = unique("too-large");
  redis("RPUSH", name, "a");
  const queue = new Queue(page, "cache", ["0", "list", name]);
  await queue.seen();
  // No browser takes so long a line into its text field within a minute.
  const form = { body: "x".repeat(21_000_000), side: "left", repeat: "1" };
  const answer = await page.request.post(`${queue.path}/publish`, { form, headers: { origin: house.weir } });
  assert.match(await answer.text(), /the message has 21000000 bytes; at most 20971520 can be published/);
  assert.equal(redis("LLEN", name), "1");
  redis("DEL", name);
});

browserTest("given a queue that grew while the dialog was read when purged then nothing is lost", { javaScriptEnabled: false, allow: /409|failed: .*\.js$/ }, async (page) => {
  const name = unique("grows");
  redis("RPUSH", name, "a", "b");
  const queue = new Queue(page, "cache", ["0", "list", name]);
  await queue.seen();
  await page.goto(`${queue.path}/purge`);
  redis("RPUSH", name, "c", "d", "e");
  await queue.purge(name);
  assert.match(await page.getByTestId("form-error").textContent(), /it held 2 when you looked and holds 5 now.*nothing was removed/);
  assert.equal(redis("LLEN", name), "5");
  redis("DEL", name);
});
