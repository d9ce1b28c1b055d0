// Starts brokers, the shop's traffic and Weir once, then runs every test file here against them.
// WEIR_WORKLOAD_BIN names the workload (target/debug/weir-workload); arguments pick test files.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const binary = process.env.WEIR_WORKLOAD_BIN ?? `${here}../../target/debug/weir-workload`;

const workload = spawn(binary, ["--for-tests"], { stdio: ["pipe", "pipe", "inherit"] });
const ended = once(workload, "exit");
const [announced] = await Promise.race([once(createInterface(workload.stdout), "line"), ended]);
if (typeof announced !== "string") {
  console.error(`the workload ended with exit code ${announced} before Weir listened`);
  process.exit(1);
}

const picked = process.argv.slice(2);
const files = picked.length > 0 ? picked : readdirSync(here).filter((name) => name.endsWith(".test.mjs")).sort();
const tests = spawn(
  process.execPath,
  ["--test", "--test-reporter=tap", "--test-concurrency=1", ...files],
  { cwd: here, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, WEIR_HOUSE: announced } },
);
const [code] = await once(tests, "exit");

// The workload ends itself, Weir and the brokers with its standard input.
workload.stdin.end();
const [workloadCode] = await ended;
process.exit(code || workloadCode);
