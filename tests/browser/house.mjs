// What every test stands on: where things run, and a page in which nothing may complain.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { after, test } from "node:test";
import { chromium } from "playwright-core";

if (!process.env.WEIR_HOUSE) throw new Error("run these tests by run.mjs, which starts the brokers");

/** Addresses: weir, amqp, management, redis, kafka. */
export const house = JSON.parse(process.env.WEIR_HOUSE);

/** Windows of a desk, a tablet and a phone. */
export const DESK = { width: 1440, height: 900 };
export const TABLET = { width: 1024, height: 768 };
export const PHONE = { width: 390, height: 844 };

/** Time in which a change on a broker has to reach the screen: RabbitMQ's own 5 s, and two intervals of Weir. */
export const SEEN_WITHIN = 20_000;

const CHROMIUM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => path && existsSync(path));
const SHOTS = new URL("../../target/browser/", import.meta.url).pathname;

let browser;
after(async () => browser?.close());

/**
 * A test with a page of its own. It fails, too, when the console shows an error, a script throws, or an answer is
 * an error; `allow` is a pattern of complaints that the test provokes.
 */
export function browserTest(name, options, body) {
  const { allow, ...context } = options;
  test(name, { timeout: 90_000 }, async () => {
    browser ??= await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    const settings = { baseURL: house.weir, viewport: DESK, reducedMotion: "reduce", locale: "en-GB", ...context };
    const opened = await browser.newContext(settings);
    const page = await opened.newPage();
    const complaints = listen(page);
    try {
      await body(page);
    } catch (error) {
      mkdirSync(SHOTS, { recursive: true });
      const shot = `${SHOTS}${name.replaceAll(/\W+/g, "-")}.png`;
      await page.screenshot({ path: shot, fullPage: true }).catch(() => {});
      error.message += `\n${page.url()}, see ${shot}; complaints: ${complaints.join("; ") || "none"}`;
      throw error;
    } finally {
      await opened.close();
    }
    assert.deepEqual(complaints.filter((text) => !allow?.test(text)), [], "the page complained");
  });
}

function listen(page) {
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("response", (answer) => {
    if (answer.status() >= 400) complaints.push(`${answer.status()} ${answer.url()}`);
  });
  page.on("requestfailed", (request) => {
    // A live stream ends so when its page is left.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") complaints.push(`failed: ${request.url()}`);
  });
  return complaints;
}

/** Opens a path and waits until the browser half has taken over. */
export async function open(page, path) {
  await page.goto(path);
  await page.locator("body[data-hydrated]").waitFor();
  await page.evaluate(() => { globalThis.notReloaded = true; });
}

/** True as long as the page has not been loaded anew since `open`. */
export const notReloaded = (page) => page.evaluate(() => globalThis.notReloaded === true);

/** Asserts that nothing sticks out at the side. */
export async function fits(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `the page is ${over} px wider than its window`);
}

/** The JSON of a GET of Weir's own interface. */
export async function rest(path) {
  const answer = await fetch(`${house.weir}/api/v1${path}`);
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}
