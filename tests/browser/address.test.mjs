// A parameter of an address that can't be is told: which, why, and the way out.
import assert from "node:assert/strict";
import { before } from "node:test";
import { browserTest } from "./house.mjs";
import { redis, unique } from "./brokers.mjs";
import { Queue } from "./pages/queue.mjs";

const list = unique("address");
const hello = "/brokers/orders/queues/~2f:hello";
const messages = `/brokers/cache/queues/0:list:${list}/messages`;

before(() => redis("RPUSH", list, "a"));

/** Addresses, and what the page says of them. */
const WRONG = [
  ["/?range=99y", /Range: "99y" is no range; known are 15m/],
  ["/queues?limit=-1", /At most: "-1" is not a number from 1 to 1,000/],
  ["/queues?limit=0", /At most: 0 is not between 1 and 1000/],
  ["/queues?sort=nothing", /Sorting: "nothing" is no column; there are rank, status/],
  ["/queues?order=sideways", /Order: "sideways" is neither asc nor desc/],
  ["/queues?cursor=x", /Page: "x" is none that an answer gave/],
  ["/queues?broker=nobody", /Broker: no broker is called "nobody"/],
  ["/queues?kind=heap", /Kind: "heap" is no kind/],
  ["/queues?q=depth%3Elots", /Filter: "lots" after depth> is no number/],
  ["/settings?test=nobody", /Broker to test: no broker is called "nobody"; there are orders, cache, log/],
  [`${hello}?range=99y`, /"99y" is no range/],
  [`${hello}/activity?before=soon`, /Page: "soon" is none that a page gave/],
  [`${messages}?from=foo`, /Start from: "foo" is none of oldest, newest/],
  [`${messages}?limit=-1`, /At most: "-1" is no whole number/],
  [`${messages}?from=offset&at=-1`, /Offset, id or time: "-1" is no offset/],
];

browserTest("given a parameter that can't be when its page opens then it is named, and a link leads out", { javaScriptEnabled: false, allow: /40[04]|failed: .*\.js$/ }, async (page) => {
  await new Queue(page, "cache", ["0", "list", list]).seen();
  for (const [address, words] of WRONG) {
    const answer = await page.goto(address);
    const error = page.getByTestId("error");
    assert.match(await error.first().textContent(), words, address);
    assert.ok(answer.status() >= 400 && answer.status() < 500, `${address} answered ${answer.status()}`);
    await error.first().getByTestId("way-out").click();
    await page.waitForLoadState();
    assert.equal(await error.count(), 0, `${address} leads to ${page.url()}`);
  }
});

browserTest("given a view of a body that there is not when a message opens then those there are are named", {}, async (page) => {
  await page.goto(messages);
  await page.getByTestId("message-row").first().getByRole("link").first().click();
  await page.getByTestId("message-drawer").waitFor();
  await page.goto(`${page.url()}&view=pretty`);
  assert.match(await page.getByTestId("message-body").textContent(), /Shown as: "pretty" is none of tree, text, hex/);
});
