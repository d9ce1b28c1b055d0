import assert from "node:assert/strict";
import { browserTest, DESK, fits, notReloaded, PHONE, SEEN_WITHIN } from "./house.mjs";
import { rabbitmq, unique } from "./brokers.mjs";
import { Overview } from "./pages/overview.mjs";

browserTest("given three busy brokers when the overview opens then each is up", {}, async (page) => {
  const overview = await new Overview(page).open();
  for (const [name, version] of [["orders", "RabbitMQ 3."], ["cache", "Redis 7."], ["log", "Kafka"]]) {
    await overview.broker(name).waitFor();
    assert.ok((await overview.broker(name).textContent()).includes(version), `${name} does not say ${version}`);
  }
});

browserTest("given the shop's traffic when the overview opens then its charts are drawn", {}, async (page) => {
  const overview = await new Overview(page).open();
  for (const chart of [overview.backlogChart, overview.flowChart]) {
    await chart.locator("svg path, svg polyline, svg polygon").first().waitFor({ state: "attached" });
  }
});

browserTest("given a queue that fills when the overview is open then it enters the worst by itself", {}, async (page) => {
  const overview = await new Overview(page).open();
  const name = unique("worst");
  await rabbitmq.declare(name);
  const fill = async () => rabbitmq.publish(name, Array.from({ length: 40 }, (_, n) => `message ${n}`));
  await fill();
  const until = Date.now() + 3 * SEEN_WITHIN;
  while (!(await overview.worst.textContent()).includes(name)) {
    assert.ok(Date.now() < until, `${name} is not among the worst`);
    await fill();
    await page.waitForTimeout(1_000);
  }
  assert.ok(await notReloaded(page), "the page was loaded anew");
  await rabbitmq.remove(name);
});

for (const colorScheme of ["light", "dark"]) {
  for (const [window, viewport] of [["desk", DESK], ["phone", PHONE]]) {
    browserTest(`given the overview when seen on a ${window} in ${colorScheme} then nothing sticks out`, { colorScheme, viewport }, async (page) => {
      await new Overview(page).open();
      await fits(page);
    });
  }
}

// Chromium drops the script that it has begun to load.
const NO_SCRIPTS = { javaScriptEnabled: false, allow: /failed: .*\.js$/ };

browserTest("given no scripts when the overview opens then the server's page is whole", NO_SCRIPTS, async (page) => {
  await page.goto("/");
  const overview = new Overview(page);
  assert.ok((await overview.broker("orders").textContent()).includes("RabbitMQ"));
  assert.ok((await overview.backlogChart.locator("svg").count()) > 0);
});
