// While figures arrive every page fetches its data again and again. Nobody who reads, types or points may notice.
import assert from "node:assert/strict";
import { browserTest, house, open, rest } from "./house.mjs";

/** Waits until the page has fetched something anew by itself, and has written it. */
async function refetched(page, endpoint, times = 2) {
  for (let n = 0; n < times; n += 1) {
    await page.waitForResponse((answer) => answer.url().includes(`/ui/${endpoint}`), { timeout: 60_000 });
  }
  await page.waitForTimeout(500);
}

/** Says to the page that it is seen, or not. */
async function show(page, visibility) {
  await page.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, visibility);
}

/** Makes the page fetch everything anew, twice, as it does when it comes back into sight and has missed something. */
async function comesBack(page, endpoint) {
  const { items } = await rest("/brokers");
  for (let n = 0; n < 2; n += 1) {
    const fetched = refetched(page, endpoint, 1);
    await show(page, "hidden");
    for (const { name } of items) {
      const looked = await fetch(`${house.weir}/api/v1/brokers/${name}/observe`, { method: "POST" });
      assert.ok(looked.ok, `${name} can't be observed: ${looked.status}`);
    }
    await show(page, "visible");
    await fetched;
  }
}

/** Marks elements, and tells whether all of them are still there. */
async function mark(elements) {
  const marked = await elements.evaluateAll((found) => found.map((element) => { element.marked = true; }).length);
  assert.ok(marked > 0, "there is nothing to mark");
  return async () => {
    const left = await elements.evaluateAll((found) => found.filter((element) => element.marked).length);
    assert.equal(left, marked, `of ${marked} elements ${left} are still the same`);
  };
}

const isFocused = (element) => element.evaluate((found) => found === document.activeElement);

/** The path of the first queue that passes. */
async function queuePath(passes) {
  const { items } = await rest("/queues?limit=100");
  const { broker, id } = items.find(passes);
  return `/brokers/${broker}/queues/${id}`;
}

const ofKind = (kind) => queuePath((row) => row.kind === kind && !row.vanished);

browserTest("given the overview when it fetches anew then cards, links, focus and an open menu stay", {}, async (page) => {
  await open(page, "/");
  const stay = [];
  for (const part of ["[data-testid^=broker-]", "[data-testid=rail-brokers] a", "[data-testid=chart-backlog]"]) {
    stay.push(await mark(page.locator(part)));
  }
  const row = page.getByTestId("worst").locator("tbody tr").first();
  const id = await row.getAttribute("data-row");
  await page.locator("details.range > summary").click();
  const link = page.locator(`[data-row="${id}"]`).getByRole("link").first();
  await link.focus();
  await refetched(page, "overview");
  for (const stays of stay) await stays();
  assert.ok(await isFocused(link), "the focus left the row");
  assert.ok(await page.locator("details.range").evaluate((menu) => menu.open), "the menu closed");
});

browserTest("given the table of queues when it fetches anew then focus, scrolling and a typed filter stay", { viewport: { width: 1440, height: 420 } }, async (page) => {
  await open(page, "/queues");
  const row = page.getByTestId("queues").locator("tr[data-row]").last();
  const id = await row.getAttribute("data-row");
  const same = page.locator(`tr[data-row="${id}"]`);
  const stays = await mark(same);
  await page.locator("#filter").fill("name~half-ty");
  await same.focus();
  const scrolled = await page.evaluate(() => [...document.querySelectorAll("*")].map((e) => e.scrollTop).filter(Boolean));
  await comesBack(page, "queues");
  await stays();
  assert.ok(await isFocused(same), "the focus left the row");
  assert.equal(await page.locator("#filter").inputValue(), "name~half-ty");
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("*")].map((e) => e.scrollTop).filter(Boolean)), scrolled);
});

browserTest("given a queue's charts when they are drawn anew then crosshair and focus stay", {}, async (page) => {
  await open(page, `${await ofKind("kafka-topic")}?range=15m`);
  const stay = [await mark(page.locator(".tabrow a")), await mark(page.getByTestId("publish")), await mark(page.getByTestId("crosshair"))];
  const crosshair = page.getByTestId("crosshair");
  await crosshair.focus();
  await crosshair.press("ArrowLeft");
  await crosshair.press("ArrowLeft");
  await page.getByTestId("crosshair-time").waitFor();
  await comesBack(page, "charts");
  await comesBack(page, "queue");
  for (const stays of stay) await stays();
  assert.ok(await isFocused(crosshair), "the focus left the charts");
  assert.equal(await page.getByTestId("crosshair-time").count(), 1);
});

browserTest("given a half-written message when the queue is fetched anew then all of it stays", {}, async (page) => {
  await open(page, `${await ofKind("kafka-topic")}/publish`);
  const form = page.getByTestId("publish-form");
  const stays = await mark(form);
  await page.getByTestId("publish-key").fill("half a k");
  await page.getByTestId("add-header").click();
  await form.locator("[name=header_name]").first().fill("x-half");
  await page.getByTestId("publish-body").fill('{"half": ');
  await comesBack(page, "queue");
  await stays();
  assert.equal(await page.getByTestId("publish-key").inputValue(), "half a k");
  assert.equal(await form.locator("[name=header_name]").first().inputValue(), "x-half");
  assert.equal(await page.getByTestId("publish-body").inputValue(), '{"half": ');
  assert.ok(await isFocused(page.getByTestId("publish-body")), "the focus left the body");
});

browserTest("given a half-typed name when the queue is fetched anew then it stays", {}, async (page) => {
  await open(page, `${await ofKind("redis-list")}/purge`);
  const name = page.getByTestId("purge-confirm");
  await name.fill("half");
  await comesBack(page, "queue");
  assert.equal(await name.inputValue(), "half");
  assert.ok(await isFocused(name), "the focus left the name");
});

browserTest("given an open message when the queue is fetched anew then it stays, with what is unfolded in it", {}, async (page) => {
  await open(page, `${await ofKind("redis-stream")}/messages`);
  await page.getByTestId("message-row").first().getByRole("link").first().click();
  const drawer = page.getByTestId("message-drawer");
  await drawer.waitFor();
  const stay = [await mark(drawer), await mark(page.getByTestId("message-row")), await mark(page.getByTestId("browse-form"))];
  await page.getByTestId("browse-form").locator("[name=limit]").fill("7");
  await page.getByTestId("close-drawer").focus();
  await comesBack(page, "queue");
  for (const stays of stay) await stays();
  assert.ok(await isFocused(page.getByTestId("close-drawer")), "the focus left the drawer");
  assert.equal(await page.getByTestId("browse-form").locator("[name=limit]").inputValue(), "7");
});

browserTest("given ticked effects when the queue is fetched anew then they stay ticked", {}, async (page) => {
  await open(page, `${await ofKind("rabbitmq-classic")}/messages`);
  const boxes = page.getByTestId("peek-form").getByRole("checkbox");
  for (const box of await boxes.all()) await box.check();
  await comesBack(page, "queue");
  assert.ok((await boxes.all()).length > 0);
  for (const box of await boxes.all()) assert.ok(await box.isChecked(), "a tick is gone");
});

browserTest("given the groups of a topic when they are fetched anew then the focus stays", {}, async (page) => {
  await open(page, `${await ofKind("kafka-topic")}/consumers`);
  const row = page.getByTestId("group-row").first();
  const stays = await mark(row);
  await row.focus();
  await comesBack(page, "queue");
  await stays();
  assert.ok(await isFocused(row), "the focus left the group");
});

browserTest("given the settings when they are fetched anew then panels, focus and a finished test stay", {}, async (page) => {
  const { items: [{ name }] } = await rest("/brokers");
  await open(page, `/settings?test=${name}`);
  const panel = page.locator(`#broker-${name}`);
  const stay = [await mark(panel), await mark(panel.getByTestId("steps"))];
  const observe = panel.locator("form button[type=submit]").first();
  await observe.focus();
  await comesBack(page, "settings");
  for (const stays of stay) await stays();
  assert.ok(await isFocused(observe), "the focus left the button");
});

browserTest("given any page when the server writes it then it is whole", {}, async () => {
  const topic = await ofKind("kafka-topic");
  const pages = {
    "/": ["chart-flow", "worst"],
    "/queues": ["rows-shown"],
    "/settings": ["test"],
    [topic]: ["queue-name", "figure-depth", "crosshair"],
    [`${topic}/messages`]: ["browse-form", "messages-end"],
    [`${topic}/consumers`]: ["group-row", "partition-row"],
    [`${topic}/configuration`]: ["setting-row"],
    [`${topic}/activity`]: ["queue-name", "activity"],
    [`${topic}/publish`]: ["publish-body", "publish-send"],
    [`${topic}/purge`]: ["purge-loss", "purge-send"],
  };
  for (const [path, parts] of Object.entries(pages)) {
    const html = await (await fetch(`${house.weir}${path}`)).text();
    for (const part of parts) assert.ok(html.includes(`data-testid="${part}"`), `${path} has no ${part}`);
    assert.match(html, /data-testid="rail-brokers">.*<li>/s, `${path}: the rail is empty`);
    assert.ok(!html.includes("skrows"), `${path} shows a skeleton`);
  }
});
