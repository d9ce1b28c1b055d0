import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { browserTest, fits, house, PHONE, rest } from "./house.mjs";
import { unique } from "./brokers.mjs";
import { Queues } from "./pages/queues.mjs";

const heads = (page) => page.locator("table.queues thead th").allTextContents();

/** Opens a menu above the table and gives it. */
async function menu(page, testid) {
  const drop = page.getByTestId(testid);
  await drop.locator("summary").first().click();
  return drop;
}

async function choose(page, names) {
  const columns = await menu(page, "columns");
  for (const box of await columns.getByRole("checkbox").all()) {
    if (!(await box.isDisabled())) await box.setChecked(names.includes(await box.getAttribute("value")));
  }
  await columns.getByRole("button", { name: "Show these" }).click();
  await page.waitForURL(/columns=/);
}

const withAndWithoutWasm = [["wasm", true], ["no wasm", false]];

for (const [what, javaScriptEnabled] of withAndWithoutWasm) {
  browserTest(`given ${what} when columns are chosen then the address has them, and they are remembered`, { javaScriptEnabled, allow: javaScriptEnabled ? undefined : /assets/ }, async (page) => {
    await page.goto("/queues?q=broker%3Acache");
    await choose(page, ["depth", "in"]);
    assert.deepEqual(await heads(page), ["Queue", "Depth", "In/s"]);
    assert.equal(new URL(page.url()).searchParams.get("columns"), "name,depth,in");
    assert.equal(new URL(page.url()).searchParams.get("q"), "broker:cache");
    await page.goto("/queues");
    await page.locator("table.queues").waitFor();
    assert.deepEqual(await heads(page), ["Queue", "Depth", "In/s"]);
    const columns = await menu(page, "columns");
    await columns.getByRole("button", { name: "All columns" }).click();
    await page.waitForURL((url) => !url.search.includes("columns"));
    assert.equal((await heads(page)).length, 14);
  });

  browserTest(`given ${what} when a view is saved then it is a tab; overwriting and deleting ask`, { javaScriptEnabled, allow: javaScriptEnabled ? undefined : /assets/ }, async (page) => {
    const name = `${unique("view")} <i>&`;
    const save = async () => {
      const views = await menu(page, "views");
      await views.getByLabel("Save this filter").fill(name);
      await views.getByRole("button", { name: "Save", exact: true }).click();
    };
    await page.goto("/queues?q=broker%3Acache&sort=depth");
    await save();
    const tab = page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });
    await tab.waitFor();
    assert.equal(await tab.getAttribute("aria-current"), "page");
    await page.goto("/queues?q=broker%3Alog");
    await save();
    const answer = page.getByTestId("view-answer");
    assert.match(await answer.textContent(), /there is a view/);
    const kept = async () => (await rest("/views")).items.find((view) => view.name === name);
    assert.equal((await kept()).query.q, "broker:cache");
    await answer.getByRole("button", { name: `Overwrite “${name}”` }).click();
    await page.getByTestId("view-answer").waitFor({ state: "detached" });
    assert.equal((await kept()).query.q, "broker:log");
    await menu(page, "views");
    await page.locator("summary", { hasText: `the view ${name}` }).click();
    assert.ok(await kept(), "deleting asks");
    await page.getByRole("button", { name: `Delete for everyone: ${name}` }).click();
    await tab.waitFor({ state: "detached" });
    assert.equal(await kept(), undefined);
  });
}

browserTest("given a filter when the table is saved as CSV then every row of it is in the file", {}, async (page) => {
  await new Queues(page).open("broker:cache");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("csv").click()]);
  assert.match(download.suggestedFilename(), /^queues-\d{8}T\d{6}Z\.csv$/);
  const rows = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  assert.match(rows[0], /^status,status_reason,name,id,broker,.*,observed_at,unknown$/);
  const { total } = await rest(`/queues?q=${encodeURIComponent("broker:cache")}&limit=1`);
  assert.ok(Math.abs(rows.length - 1 - total) <= 1, `${rows.length - 1} rows of ${total}`);
});

browserTest("given an address with a column that is none when opened then the page names it", { allow: /400/ }, async (page) => {
  await page.goto(`${house.weir}/queues?columns=name,colour`);
  assert.match(await page.locator("main").textContent(), /"colour" is no column/);
});

browserTest("given a phone when the menus above the table open then nothing sticks out", { viewport: PHONE }, async (page) => {
  await new Queues(page).open();
  for (const testid of ["views", "columns"]) {
    await menu(page, testid);
    await fits(page);
    await page.getByTestId(testid).locator("summary").first().click();
  }
});
