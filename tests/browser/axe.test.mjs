// No page, drawer, dialog or menu breaks a rule of axe-core, in both themes, at the widths of a desk, a tablet and a
// phone. A page is loaded once for all of them; in the second theme only colours are another.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before } from "node:test";
import { browserTest, DESK, house, PHONE, SEEN_WITHIN, TABLET } from "./house.mjs";
import { redis, unique } from "./brokers.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const list = unique("axe");
const hello = "/brokers/orders/queues/~2f:hello";
const topic = "/brokers/log/queues/my_topic";
const ofList = `/brokers/cache/queues/0:list:${list}`;

before(async () => {
  redis("RPUSH", list, JSON.stringify({ order: 1, items: ["a", { b: null }] }), "plain");
  const until = Date.now() + SEEN_WITHIN;
  while ((await fetch(`${house.weir}/api/v1${ofList}`)).status === 404) {
    assert.ok(Date.now() < until, `${list} is not seen`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
});

const press = (...keys) => async (page) => {
  for (const key of keys) await page.keyboard.press(key);
};

/** Every page with what can be opened on it: its name, its address, how that is opened, and in which windows it is. */
const PLACES = [
  ["overview", "/"],
  ["range menu", "/", (page) => page.locator("details.range > summary").click()],
  ["menu of a phone", "/", (page) => page.locator(".nav-menu > summary").click(), ["phone"]],
  ["list of keys", "/", press("?")],
  ["palette", hello, async (page) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("option").first().waitFor();
  }],
  ["queues", "/queues"],
  ["terms of the filter", "/queues", press("f")],
  ["queues, none found", "/queues?q=name~no-such-queue"],
  ["queues, not understood", "/queues?q=brokr%3Ax"],
  ["menu of the views", "/queues", (page) => page.getByTestId("views").locator("summary").first().click()],
  ["menu of the columns", "/queues", (page) => page.getByTestId("columns").locator("summary").first().click()],
  ["charts", hello],
  ["charts beside yesterday's", `${hello}?compare=yesterday`],
  ["menu of a chart's files", hello, (page) => page.getByTestId("downloads").first().click()],
  ["tap", `/brokers/cache/queues/0:channel:my_channel/messages`, async (page) => {
    await page.getByTestId("tap-toggle").click();
    await page.getByTestId("tap-state").filter({ hasText: /\w/ }).waitFor();
  }],
  ["price of a peek", `${hello}/messages`],
  ["consumers", `${hello}/consumers`],
  ["configuration", `${hello}/configuration`],
  ["activity", `${hello}/activity`],
  ["publish", `${hello}/publish`],
  ["publish to a topic", `${topic}/publish`],
  ["purge", `${hello}/purge`],
  ["groups and partitions", `${topic}/consumers`],
  ["message", `${ofList}/messages`, async (page) => {
    await page.getByTestId("message-row").first().locator("td").nth(2).click();
    await page.getByTestId("message-drawer").waitFor();
  }],
  ["settings", "/settings"],
  ["no such page", "/no-such-page"],
];

const WINDOWS = { desk: DESK, tablet: TABLET, phone: PHONE };

for (const [place, path, open, windows = Object.keys(WINDOWS)] of PLACES) {
  browserTest(`given ${place} when axe looks at it in every window and theme then it finds nothing`, { allow: /40[04]/ }, async (page) => {
    const found = [];
    await page.setViewportSize(WINDOWS[windows[0]]);
    await page.goto(path);
    await page.locator("body[data-hydrated]").waitFor();
    await open?.(page);
    await page.evaluate(AXE);
    for (const window of windows) {
      await page.setViewportSize(WINDOWS[window]);
      found.push(...await violations(page, `${window}, light`, "light"));
      found.push(...await violations(page, `${window}, dark`, "dark", ["color-contrast"]));
    }
    assert.deepEqual(found, []);
  });
}

/** The rules that are broken, each with the elements that break it. */
async function violations(page, place, theme, only) {
  const broken = await page.evaluate(async ([wanted, rules]) => {
    document.documentElement.dataset.theme = wanted;
    const options = rules ? { runOnly: rules } : {};
    const result = await globalThis.axe.run(document, { ...options, resultTypes: ["violations"] });
    return result.violations.map((rule) => [rule.id, rule.nodes.map((node) => `${node.target}: ${node.failureSummary}`)]);
  }, [theme, only]);
  return broken.map(([rule, nodes]) => `${place}: ${rule}\n    ${nodes.slice(0, 4).join("\n    ")}`);
}
