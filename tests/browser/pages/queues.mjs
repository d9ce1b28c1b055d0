import { open, SEEN_WITHIN } from "../house.mjs";

/** The table of all queues. */
export class Queues {
  constructor(page) {
    this.page = page;
    this.table = page.getByTestId("queues");
    this.rows = this.table.locator("tr[data-row]");
  }

  async open(filter = "") {
    await open(this.page, filter ? `/queues?q=${encodeURIComponent(filter)}` : "/queues");
    return this;
  }

  row(name) {
    return this.rows.filter({ has: this.page.getByRole("link", { name, exact: true }) });
  }

  /** The cell of a row under the column of that name. */
  async cell(name, column) {
    const heads = await this.table.locator("thead th").allTextContents();
    return this.row(name).locator("td").nth(heads.findIndex((head) => head.startsWith(column)));
  }

  /** Loads the table again and again until a row is listed. */
  async openWith(name, filter) {
    const until = Date.now() + SEEN_WITHIN;
    for (;;) {
      await this.open(filter);
      if ((await this.row(name).count()) > 0) return this;
      if (Date.now() > until) throw new Error(`${name} is not listed`);
      await this.page.waitForTimeout(500);
    }
  }
}
