import { open } from "../house.mjs";

/** The first page. */
export class Overview {
  constructor(page) {
    this.page = page;
    this.brokers = page.getByTestId("brokers");
    this.worst = page.getByTestId("worst");
    this.situation = page.getByTestId("situation");
    this.backlogChart = page.getByTestId("chart-backlog");
    this.flowChart = page.getByTestId("chart-flow");
  }

  async open() {
    await open(this.page, "/");
    return this;
  }

  broker(name) {
    return this.page.getByTestId(`broker-${name}`);
  }
}
