// Uses a tenant through wfauth proxy by Workfront's own client, which has no session: the gateway's URL is the line on stdin.
const { NodeApi } = require("workfront-api");
const url = require("fs").readFileSync(0, "utf8").trim();

async function main() {
  const api = new NodeApi({ url, version: "22.0" });
  const active = { status: "CUR", status_Mod: "eq", name_Sort: "asc", $$FIRST: 0, $$LIMIT: 3 };
  const found = await api.search("PROJ", active, ["ID", "name", "status", "owner:name"]);
  const posted = await api.search("PROJ", active, ["ID", "name", "status", "owner:name"], true);
  const one = await api.get("PROJ", found[0].ID, ["*", "owner:name"]);
  const count = await api.count("PROJ", { status: "CUR", status_Mod: "eq" });
  const refusal = await api.get("PROJ", "0".repeat(32)).catch((e) => e);
  const change = await api.edit("PROJ", found[0].ID, { name: "changed" }).catch((e) => e);
  const fetched = await (await fetch(url + "/rows/proj.json?fields=ID,name,status,owner:name&status=CUR")).json();
  const answer = await fetch(url.slice(0, -1) + "/attask/api/v22.0/proj/count");
  console.log(JSON.stringify({ found, posted, one, count, refusal, change, fetched: fetched.data, wrong: answer.status }));
}

main().catch((e) => {
  console.error(e);
  process.exitCode = 1;
});
