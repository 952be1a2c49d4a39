"use strict";

// toolkit/measure.ts
var import_node_child_process2 = require("node:child_process");
var import_node_fs4 = require("node:fs");
var import_promises2 = require("node:timers/promises");
var import_pg2 = require("pg");

// toolkit/test/witness/members.ts
var import_node_fs2 = require("node:fs");
var import_node_path = require("node:path");

// toolkit/src/stack/procs.ts
var import_node_fs = require("node:fs");
var hasProc = (0, import_node_fs.existsSync)("/proc/self/stat");
var parseStat = (text) => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { zombie: fields[0] === "Z" || fields[0] === "X", startTime: fields[19] ?? "" };
};

// toolkit/test/witness/members.ts
var serverOf = (state2, member) => {
  const postmaster = Number((0, import_node_fs2.readFileSync)((0, import_node_path.join)(state2, member, "postmaster.pid"), "utf8").split("\n")[0]);
  const children = (0, import_node_fs2.readdirSync)("/proc").flatMap((entry) => {
    const pid = Number(entry);
    return Number.isInteger(pid) && parentOf(pid) === postmaster ? [pid] : [];
  });
  return [postmaster, ...children];
};
var signal = (pids, name) => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
};
var parentOf = (pid) => {
  try {
    const text = (0, import_node_fs2.readFileSync)(`/proc/${pid}/stat`, "utf8");
    return parseStat(text).zombie ? void 0 : Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return void 0;
  }
};

// toolkit/test/witness/processes.ts
var import_node_child_process = require("node:child_process");
var import_node_fs3 = require("node:fs");
var import_node_path2 = require("node:path");
var bin = (0, import_node_path2.join)(__dirname, "..", "..", "bin", "submilli.js");
var witnessProcesses = (folder, settings) => ["w1", "w2", "w3"].map((name, i, names) => {
  const port = 9595 + i;
  const [config, log] = [(0, import_node_path2.join)(folder, `${name}.yml`), (0, import_node_path2.join)(folder, `${name}.log`)];
  const witness = { ...settings, name, witnesses: names, listen: `127.0.0.1:${port}` };
  (0, import_node_fs3.writeFileSync)(config, JSON.stringify({ witness }));
  let child;
  const get = async (path) => (await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(3e3) })).text();
  return {
    name,
    pid: () => child?.pid ?? 0,
    status: async () => JSON.parse(await get("/api/v1/status")),
    ready: async () => (await get("/-/ready")).trim(),
    start: () => {
      const out = (0, import_node_fs3.openSync)(log, "a");
      child = (0, import_node_child_process.spawn)(process.execPath, [bin, "witness", "--config", config], { stdio: ["ignore", out, out] });
      (0, import_node_fs3.closeSync)(out);
    },
    kill: async () => {
      const running2 = child;
      child = void 0;
      if (running2?.exitCode !== null || running2.signalCode !== null) return;
      const ended = new Promise((resolve) => running2.once("exit", resolve));
      running2.kill("SIGKILL");
      await ended;
    },
    log: () => (0, import_node_fs3.readFileSync)(log, "utf8")
  };
});

// toolkit/test/witness/writers.ts
var import_promises = require("node:timers/promises");
var import_pg = require("pg");
var EVERY_MS = 10;
var TABLE = "CREATE TABLE IF NOT EXISTS public.witnessed (id text PRIMARY KEY)";
var startWriters = (ports2, login2, run2) => {
  const acknowledged = [];
  const stop = new AbortController();
  let next = 0;
  const insert = async (client, port) => {
    next += 1;
    const id = `${run2}-${port}-${next}`;
    const sent = performance.now();
    await client.query("INSERT INTO public.witnessed VALUES ($1)", [id]);
    acknowledged.push({ id, port, sent, answered: performance.now() });
  };
  const stay = async (port) => {
    while (!stop.signal.aborted) {
      const client = new import_pg.Client({
        ...{ ...login2, host: "127.0.0.1", port, connectionTimeoutMillis: 500, query_timeout: 3e3 }
      });
      client.on("error", () => void 0);
      try {
        await client.connect();
        const { rows } = await client.query("SELECT pg_catalog.pg_is_in_recovery() AS standby");
        while (!stop.signal.aborted && rows[0]?.standby === false) {
          await insert(client, port);
          await (0, import_promises.setTimeout)(EVERY_MS);
        }
      } catch {
      } finally {
        client.connection.stream.destroy();
      }
      await (0, import_promises.setTimeout)(EVERY_MS);
    }
  };
  const writers = ports2.map(stay);
  return {
    acknowledged,
    stop: async () => {
      stop.abort();
      await Promise.all(writers);
    }
  };
};
var missingOn = async (client, { acknowledged }) => {
  const { rows } = await client.query("SELECT id FROM public.witnessed");
  const present = new Set(rows.map(({ id }) => id));
  return acknowledged.filter(({ id }) => !present.has(id)).map(({ id }) => id);
};

// toolkit/measure.ts
var state = process.env.STATE ?? "/var/tmp/witness/stack";
var postgres = { uid: Number((0, import_node_child_process2.execFileSync)("id", ["-u", "postgres"], { encoding: "utf8" })), gid: Number((0, import_node_child_process2.execFileSync)("id", ["-g", "postgres"], { encoding: "utf8" })) };
var running = /* @__PURE__ */ new Map();
var start = (name, command, ...args) => {
  const out = (0, import_node_fs4.openSync)(`${state}/logs/${name}.log`, "a");
  running.set(name, (0, import_node_child_process2.spawn)(command, args, { stdio: ["ignore", out, out], ...postgres, env: { ...process.env, PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" }, detached: true }));
};
var startEtcd = () => start("etcd", "etcd", "--config-file", `${state}/etcd.yml`);
var startMember = (name) => start(name, process.env[`PATRONI_BIN`] ?? "patroni", `${state}/patroni/${name}.yml`);
var pidOf = (name) => {
  const p = running.get(name)?.pid;
  return p === void 0 ? [] : [p];
};
var everything = (name) => [...pidOf(name), ...serverOf(state, name)];
var ports = { pg1: 5432, pg2: 5433 };
var rest = { pg1: 8008, pg2: 8009 };
var login = { user: "postgres", password: (0, import_node_fs4.readFileSync)(`${state}/secrets/superuser`, "utf8").trim(), database: "grandmodel" };
var other = (n2) => n2 === "pg1" ? "pg2" : "pg1";
var etcdctl = (...a) => (0, import_node_child_process2.execFileSync)("etcdctl", a, { env: { ...process.env, ETCDCTL_API: "3" }, encoding: "utf8" }).trim();
var json = async (name, path) => (await fetch(`http://127.0.0.1:${rest[name]}${path}`, { signal: AbortSignal.timeout(2e3) })).json();
var until = async (seconds, what, look) => {
  const end = Date.now() + seconds * 1e3;
  for (; ; ) {
    const seen = await look().catch(() => void 0);
    if (seen !== void 0 && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await (0, import_promises2.setTimeout)(100);
  }
};
var leaderNow = async () => until(60, "whole", async () => {
  for (const name of ["pg1", "pg2"]) {
    const { members } = await json(name, "/cluster");
    const leader = members.find((m) => m.role === "leader" && m.state === "running")?.name;
    const sync = members.find((m) => m.role === "sync_standby" && m.state === "running");
    if (leader && sync && (await json(leader, "/patroni")).state === "running" && JSON.parse(etcdctl("get", "--print-value-only", "/submilli/grandmodel/sync")).sync_standby === other(leader)) return leader;
    return false;
  }
  return false;
});
var withClient = async (port, f) => {
  const c = new import_pg2.Client({ ...login, host: "127.0.0.1", port });
  await c.connect();
  try {
    return await f(c);
  } finally {
    await c.end();
  }
};
var witnessFolder = "/var/tmp/witness/w";
(0, import_node_fs4.mkdirSync)(witnessFolder, { recursive: true });
var witnesses = witnessProcesses(witnessFolder, { scope: "grandmodel", namespace: "/submilli/", etcd: { urls: ["http://127.0.0.1:2379"] }, cooldown_seconds: 10 });
var removals = async () => (await Promise.all(witnesses.map((w) => w.status().then((s) => s.removals, () => 0)))).reduce((a, b) => a + b, 0);
var n = 0;
var run = async (fault, witnessed, body) => {
  const leader = await leaderNow();
  if (witnessed) await until(40, "witnesses ready", async () => (await Promise.all(witnesses.map((w) => w.ready()))).every((r) => r === "ready"));
  const before = witnessed ? await removals() : 0;
  n += 1;
  const writers = startWriters([5432, 5433], login, `m${Date.now()}-${n}`);
  await until(20, "writes", async () => writers.acknowledged.length > 50);
  let at = 0;
  await body(leader, () => {
    at = performance.now();
  }, writers);
  const after = await leaderNow();
  await (0, import_promises2.setTimeout)(1e3);
  await writers.stop();
  const first = writers.acknowledged.find((w) => w.answered > at && w.port === ports[other(leader)]);
  const acks = writers.acknowledged.map((w) => w.answered).sort((a, b) => a - b);
  const stall = Math.max(...acks.map((t, i) => i === 0 ? 0 : t - (acks[i - 1] ?? t)));
  const lost = (await Promise.all([5432, 5433].map((port) => withClient(port, (c) => missingOn(c, writers))))).flat();
  if (lost.length > 0) console.log("LOST", lost);
  const sides = writers.acknowledged.filter(({ port }, i) => i > 0 && writers.acknowledged[i - 1]?.port !== port).length;
  const result = { fault, witnessed, recovery: first === void 0 ? null : Math.round(first.answered - at), stall: Math.round(stall), lost: lost.length, removed: (witnessed ? await removals() : 0) - before, leaderAfter: after === leader ? "same" : "other", sides };
  console.log(JSON.stringify(result));
  return result;
};
var nodeLoss = (witnessed) => run("node loss", witnessed, async (leader, mark) => {
  const pids = everything(leader);
  mark();
  signal(pids, "SIGKILL");
  await until(60, "promoted", async () => (await json(other(leader), "/patroni")).role !== "replica");
  await (0, import_promises2.setTimeout)(500);
  startMember(leader);
});
var hang = (witnessed, resumeAfterMs) => run(`hang, goes on after ${resumeAfterMs}`, witnessed, async (leader, mark, writers) => {
  signal(everything(leader), "SIGSTOP");
  mark();
  const at = performance.now();
  signal(everything(leader), "SIGSTOP");
  if (resumeAfterMs === "recovery") {
    await until(60, "promoted", async () => writers.acknowledged.some((w) => w.answered > at && w.port === ports[other(leader)]));
    await (0, import_promises2.setTimeout)(2e3);
  } else await (0, import_promises2.setTimeout)(resumeAfterMs);
  signal(everything(leader), "SIGCONT");
  await (0, import_promises2.setTimeout)(3e3);
});
var median = (xs) => {
  const s = [...xs].sort((a, b) => a - b);
  return s.length === 0 ? "none" : `${((s[Math.floor(s.length / 2)] ?? 0) / 1e3).toFixed(1)} (${((s[0] ?? 0) / 1e3).toFixed(1)}\u2013${((s.at(-1) ?? 0) / 1e3).toFixed(1)}) of ${s.length}`;
};
var main = async () => {
  startEtcd();
  await (0, import_promises2.setTimeout)(1500);
  startMember("pg1");
  startMember("pg2");
  try {
    const leader = await leaderNow();
    await withClient(ports[leader] ?? 0, (c) => c.query(TABLE));
    const [what = "node", count = "1", w = "with"] = process.argv.slice(2);
    const witnessed = w === "with";
    if (witnessed) for (const one of witnesses) one.start();
    const runs = [];
    for (let i = 0; i < Number(count); i += 1) {
      try {
        if (what === "node") runs.push(await nodeLoss(witnessed));
        else if (what === "hang") runs.push(await hang(witnessed, "recovery"));
        else runs.push(await hang(witnessed, Number(what.split(",")[i % what.split(",").length])));
      } catch (e) {
        console.log(String(e));
        throw e;
      }
      await (0, import_promises2.setTimeout)(witnessed ? 11e3 : 2e3);
    }
    console.log(what, w, "recovery", median(runs.flatMap((r) => r.recovery ?? [])), "stall", median(runs.map((r) => r.stall)), "lost", runs.reduce((a, r) => a + r.lost, 0), "removed", runs.reduce((a, r) => a + r.removed, 0));
  } finally {
    for (const one of witnesses) await one.kill();
    for (const name of ["pg1", "pg2"]) {
      signal(pidOf(name), "SIGCONT");
      signal(pidOf(name), "SIGTERM");
    }
    await (0, import_promises2.setTimeout)(5e3);
    for (const name of ["pg1", "pg2"]) {
      if ((0, import_node_fs4.existsSync)(`${state}/${name}/postmaster.pid`)) signal(serverOf(state, name), "SIGKILL");
      signal(pidOf(name), "SIGKILL");
    }
    signal(pidOf("etcd"), "SIGTERM");
  }
};
void main().then(() => process.exit(0), (e) => {
  console.error(e);
  process.exit(1);
});
