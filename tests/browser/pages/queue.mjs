import { open, SEEN_WITHIN } from "../house.mjs";

/** One queue with its tabs. `parts` are the parts of its id, such as `["/", "hello"]`. */
export class Queue {
  constructor(page, broker, parts) {
    this.page = page;
    this.path = `/brokers/${broker}/queues/${parts.map(idPart).join(":")}`;
    this.name = page.getByTestId("queue-name");
    this.status = page.getByTestId("queue-status");
    this.charts = page.getByTestId("charts");
    this.publishButton = page.getByTestId("publish");
    this.purgeButton = page.getByTestId("purge");
    this.messages = page.getByTestId("message-row");
    this.drawer = page.getByTestId("message-drawer");
  }

  async open(tab = "") {
    await open(this.page, tab ? `${this.path}/${tab}` : this.path);
    return this;
  }

  /** Opens the page once Weir has seen the queue. */
  async openWhenSeen(tab = "") {
    await this.seen();
    return this.open(tab);
  }

  async seen() {
    const until = Date.now() + SEEN_WITHIN;
    while ((await this.page.request.get(`/api/v1${this.path}`)).status() === 404) {
      if (Date.now() > until) throw new Error(`${this.path} is not seen`);
      await this.page.waitForTimeout(500);
    }
  }

  /** A headline figure: depth, backlog, in, out, consumers, … */
  figure(name) {
    return this.page.getByTestId(`figure-${name}`).locator("dd").first();
  }

  /** Pays the price and reads. */
  async peek() {
    for (const box of await this.page.getByTestId("peek-form").getByRole("checkbox").all()) await box.check();
    await this.page.getByTestId("peek").click();
  }

  /** Sends the open publish form. */
  async publish(body) {
    await this.page.getByTestId("publish-body").fill(body);
    await this.page.getByTestId("publish-send").click();
    await this.page.getByTestId("publish-result").filter({ hasText: /\w/ }).waitFor();
  }

  /** Sends the open purge form with a typed name. */
  async purge(typed) {
    await this.page.locator("#purge-confirm").fill(typed);
    await this.page.getByTestId("purge-send").click();
    await this.page.getByTestId("purge-result").filter({ hasText: /\w/ }).waitFor();
  }
}

/** Each byte outside A-Z a-z 0-9 . _ - is written ~hh. */
function idPart(text) {
  return [...new TextEncoder().encode(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._-]/.test(char) ? char : `~${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}
