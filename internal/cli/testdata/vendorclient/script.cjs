// Uses a tenant through Workfront's own client: the URL is the argument, the sessionID is the line on stdin. It prints what
// the client has made of the answers.
const { NodeApi } = require("workfront-api");
const session = require("fs").readFileSync(0, "utf8").trim();

async function main() {
  const api = new NodeApi({ url: process.argv[2], version: "22.0" });
  api.setSessionID(session);
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
