// Uses a tenant through Workfront's own client: the URL is the argument, the sessionID is the line on stdin. It prints what
// the client has made of the answers: to what reads, or with "write" to what changes something.
delete globalThis.fetch; // the client uploads with form-data, which Node's own fetch would send as "[object FormData]"
const { NodeApi } = require("workfront-api");
const session = require("fs").readFileSync(0, "utf8").trim();

async function write(api) {
  const made = await api.create("PROJ", { name: "by the vendor's client", priority: 2 }, ["name", "priority"]);
  const edited = await api.edit("PROJ", made.ID, { name: "edited", description: "x" }, ["name", "description"]);
  const copied = await api.copy("PROJ", made.ID, { name: "copied" }, ["name", "priority"]);
  const task = await api.create("TASK", { name: "task", projectID: made.ID }, ["projectID"]);
  const both = await api.editMultiple("PROJ", [{ ID: made.ID, priority: 1 }, { ID: copied.ID, priority: 3 }], ["priority"]);
  const executed = await api.execute("TASK", task.ID, "markDone");
  const after = await api.get("TASK", task.ID, ["status"]);
  const named = await api.namedQuery("WORK", "myWork", {}, ["name"]);
  const metadata = await api.metadata("TASK");
  const handle = await api.uploadFromStream(require("fs").createReadStream(__filename), "brief.txt");
  const version = { version: "v1.0", fileName: "brief.txt" };
  const uploaded = await api.create("DOCU", { name: "brief", handle: handle.handle, docObjCode: "PROJ", objID: made.ID, currentVersion: version }, ["name"]);
  const batched = await api.batch((b) => [b.get("PROJ", made.ID, ["name"]), b.count("TASK", { projectID: made.ID })]);
  const removed = await api.remove("PROJ", copied.ID, true);
  return { made, edited, copied, both, executed, after, named, uploaded, batched, removed, metadata: Object.keys(metadata.actions).includes("markDone") };
}

async function main() {
  const api = new NodeApi({ url: process.argv[2], version: "22.0" });
  api.setSessionID(session);
  if (process.argv[3] === "write") {
    console.log(JSON.stringify(await write(api)));
    return;
  }
  const active = { status: "CUR", status_Mod: "eq", name_Sort: "asc", $$FIRST: 0, $$LIMIT: 3 };
  const found = await api.search("PROJ", active, ["ID", "name", "status", "owner:name"]);
  const posted = await api.search("PROJ", active, ["ID", "name", "status", "owner:name"], true);
  const one = await api.get("PROJ", found[0].ID, ["*", "owner:name"]);
  const several = await api.get("PROJ", found.map((p) => p.ID), "name");
  const count = await api.count("PROJ", { status: "CUR", status_Mod: "eq" });
  const all = await api.count("PROJ");
  const report = await api.report("PROJ", { status_1_GroupBy: true, ID_AggFunc: "count" });
  const refusal = await api.get("PROJ", "0".repeat(32)).catch((e) => e);
  api.setSessionID("0".repeat(32));
  const stranger = await api.search("PROJ").catch((e) => e);
  console.log(JSON.stringify({ found, posted, one, several, count, all, report, refusal, stranger }));
}

main().catch((e) => {
  console.error(e);
  process.exitCode = 1;
});
