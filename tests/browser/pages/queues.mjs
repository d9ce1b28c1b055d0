import { open } from "../house.mjs";

/** The table of all queues. */
export class Queues {
  constructor(page) {
    this.page = page;
    this.table = page.getByTestId("queues");
    this.rows = this.table.locator("tbody tr");
  }

  async open(filter = "") {
    await open(this.page, filter ? `/queues?q=${encodeURIComponent(filter)}` : "/queues");
    return this;
  }

  row(name) {
    return this.rows.filter({ has: this.page.getByRole("link", { name, exact: true }) });
  }

  backlog(name) {
    return this.row(name).locator("td.c-depth");
  }
}
