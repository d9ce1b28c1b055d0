// The brokers' own tools: what they say is the truth that the pages are held against.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { house } from "./house.mjs";

async function management(method, path, body) {
  const { username, password } = new URL(house.amqp.replace(/^amqp:/, "http:"));
  const answer = await fetch(`${house.management}/api${path}`, {
    method,
    headers: { authorization: `Basic ${btoa(`${username}:${password}`)}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 || answer.status === 201 ? null : answer.json();
}

const queuePath = (name) => `/queues/%2f/${encodeURIComponent(name)}`;

export const rabbitmq = {
  declare: (name, args = {}) => management("PUT", queuePath(name), { durable: true, arguments: args }),
  remove: (name) => management("DELETE", queuePath(name)),
  queue: (name) => management("GET", queuePath(name)),

  async publish(name, bodies) {
    for (const body of bodies) {
      const message = { properties: { delivery_mode: 2 }, routing_key: name, payload: body, payload_encoding: "string" };
      const { routed } = await management("POST", "/exchanges/%2f/amq.default/publish", message);
      assert.ok(routed, `${name} did not get a message`);
    }
  },

  /** Reads and puts back. */
  peek: (name, count = 10) =>
    management("POST", `${queuePath(name)}/get`, { count, ackmode: "ack_requeue_true", encoding: "auto" }),
};

/** Runs one Redis command and gives what redis-cli prints. */
export function redis(...command) {
  return execFileSync("redis-cli", ["-u", house.redis, ...command], { encoding: "utf8" }).trim();
}

/** A name that no other test uses. */
export const unique = (prefix) => `${prefix}-${Math.random().toString(36).slice(2, 10)}`;
