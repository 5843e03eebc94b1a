// An implementation in another language, made of the suite's own table: which calls VSS refuses, protocol.json says.
//     python -m conformance -- node conformance/adapters/table.mjs
// States are integers of more than 32 bits, so they are BigInt here. What the table does not say is skipped.
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";

const table = JSON.parse(readFileSync(new URL("../protocol.json", import.meta.url), "utf8"));
const masks = Object.values(table.machines).map((values) =>
  Object.values(values).reduce((all, bit) => all | BigInt(bit), 0n));
const lets = { tolerated: 1, noted: 1, allowed: 1, unsure: 1 };
let objects = new Map(), profile = "windows";

class Skip extends Error {}

const meets = (state, met) => masks.every((machine) => !(met & machine) || (state & met & machine));
const put = (state, gives) => masks.reduce((now, machine) =>
  gives & machine ? (now & ~machine) | (gives & machine) : now, state);

function refusal(call, state) {
  for (const need of call.needs) {
    if (need.met.some((met) => meets(state, BigInt(met)))) continue;
    const force = (profile === "documented" && need.documented) || need.otherwise;
    const lost = force === "unsure" && (profile === "documented" || need.met.every((met) => !met));
    if (force === "refused" || lost) return need.answers[0];
  }
}

function chosen(call, given) {
  if (!call.selects) return [];
  const value = given[call.selects], names = Object.keys(call.choices);
  const has = (word) => names.find((name) => name === word) ?? names[0];
  if (call.selects === "bstrXML") return call.choices[value ? "a saved document" : "no document"];
  if (call.selects === "lContext") {
    if (value === "VSS_CTX_ALL") return call.choices[has("VSS_CTX_ALL")];
    const writers = ["VSS_CTX_BACKUP", "VSS_CTX_APP_ROLLBACK", "VSS_CTX_CLIENT_ACCESSIBLE_WRITERS"];
    return call.choices[has(writers.includes(value) ? "with writers" : "without writers")];
  }
  return call.choices[names[value ? 0 : 1]];
}

function make(kind, more) {
  const handle = `${kind}-${objects.size}`;
  objects.set(handle, { kind, state: BigInt(table.start), ...more });
  return handle;
}

function results(call, object) {
  const out = {};
  for (const one of call.parameters.filter((parameter) => parameter.way === "out")) {
    if (one.makes === "IVssAsync") out[one.name] = make("IVssAsync", { of: object, operation: call.operation });
    else if (one.type === "VSS_ID*") out[one.name] = `{${randomUUID()}}`;
    else throw new Skip(`what ${one.name} is, the table does not say`);
  }
  return out;
}

function asynchronous(name, object) {
  const { of, operation } = object;
  if (operation) of.state = put(of.state, BigInt(operation.finished));
  if (name === "QueryStatus") return { returns: "S_OK", out: { pHrResult: "VSS_S_ASYNC_FINISHED" } };
  return { returns: name === "Cancel" ? "VSS_S_ASYNC_FINISHED" : "S_OK" };
}

function answer({ start, call: name = "", on, in: given = {} }) {
  if (start) {
    objects = new Map(), profile = start.profile;
    const [{ writers = [], answers = [], os = "Windows Server 2022" }] = start.world.machines;
    if (writers.length || answers.length || !os.startsWith("Windows Server 2022")) throw new Skip("only calls are here");
    return { implementation: "table.mjs", version: "1" };
  }
  if (name === "CreateVssBackupComponents") return { returns: "S_OK", out: { ppBackup: make("IVssBackupComponents") } };
  const object = objects.get(on), method = name.split("::")[1];
  if (method === "Release") return { returns: 0 };
  if (object?.kind === "IVssAsync") return asynchronous(method, object);
  const call = Object.entries(table.calls).find(([key, one]) =>
    key.endsWith(`::${method}`) && one.family === object?.kind && one.needs)?.[1];
  if (!call) throw new Skip(`${name || "what happens"} is not in the table`);
  const refused = refusal(call, object.state);
  if (refused) return { returns: refused };
  const out = results(call, object);
  for (const { gives, when } of [...(call.effects ?? []), ...chosen(call, given)])
    if (meets(object.state, BigInt(when))) object.state = put(object.state, BigInt(gives));
  if (call.operation) object.state = put(object.state, BigInt(call.operation.pending));
  return { returns: call.successes[0], out };
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  let reply;
  try { reply = answer(message); } catch (error) {
    if (!(error instanceof Skip)) throw error;
    reply = { skipped: error.message };
  }
  process.stdout.write(JSON.stringify({ id: message.id, ...reply }) + "\n");
}
