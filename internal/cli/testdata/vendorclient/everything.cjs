// Calls every method of Workfront's own client at a tenant: the URL is the argument, the sessionID is the line on stdin. It prints how often each was
// called, and the last answer to each kind of request as it came, by the name of its fixture.
delete globalThis.fetch; // the client sends streams with form-data, which Node's own would send as "[object FormData]"
const { NodeApi } = require("workfront-api");
const fs = require("fs");
const session = fs.readFileSync(0, "utf8").trim();

const answers = {};
let fixture = "";
const send = globalThis.fetch;
globalThis.fetch = async (...request) => {
  const answer = await send(...request);
  if (fixture) answers[fixture] = { status: answer.status, body: await answer.clone().json() };
  return answer;
};

const calls = {};
const inner = ["getHeaders", "getFields", "getOptions", "populateQueryStringAndBodyParams"]; // protected or private, say its types
for (let proto = NodeApi.prototype; proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
  for (const name of Object.getOwnPropertyNames(proto)) {
    if (name === "constructor" || inner.includes(name)) continue;
    calls[name] = 0;
    const method = proto[name];
    proto[name] = function (...args) {
      if (!this._uriGenerationMode) calls[name]++; // else a batch asks it for an address
      return method.apply(this, args);
    };
  }
}

// as calls the client and keeps the answer as that of a fixture.
async function as(name, call) {
  fixture = name;
  try {
    return await call();
  } finally {
    fixture = "";
  }
}

const refused = (call) =>
  call().then(
    (got) => ({ got }),
    (error) => ({ status: error.status, message: error.message }),
  );

function client(config) {
  const api = new NodeApi({ url: process.argv[2], version: "22.0", ...config });
  api.setSessionID(session);
  return api;
}

// wholeBatch calls each method that a batch has, and says which the tenant refused. The client asks for all but actions by GET, so that nothing is written.
async function wholeBatch(api, task) {
  const given = {
    copy: ["TASK", task, { name: "in a batch" }],
    count: ["TASK", { ID: task }],
    create: ["TASK", { name: "in a batch" }],
    edit: ["TASK", task, { name: "in a batch" }],
    editMultiple: ["TASK", [{ ID: task, name: "in a batch" }]],
    execute: ["TASK", task, "markDone"],
    get: ["TASK", task],
    metadata: ["TASK"],
    namedQuery: ["WORK", "myWork"],
    remove: ["TASK", task],
    report: ["TASK", { status_1_GroupBy: true, ID_AggFunc: "count" }],
    request: ["TASK/" + task, {}, ["name"]],
    search: ["TASK", { ID: task }],
  };
  let names;
  const got = await api.batch((b) => {
    names = Object.keys(b);
    return names.map((name) => b[name](...given[name]));
  });
  return Object.fromEntries(names.map((name, i) => [name, got[i] === undefined ? "refused" : "done"]));
}

// byGet makes, changes and removes a task by GET alone, as the client does where nothing else may pass.
async function byGet(project) {
  const api = client({ alwaysUseGet: true });
  const made = await api.create("TASK", { name: "by GET", projectID: project });
  const edited = await api.edit("TASK", made.ID, { name: "edited by GET" }, ["name"]);
  await api.remove("TASK", made.ID);
  return [edited.name, await api.count("TASK", { ID: made.ID })];
}

// versions says of each way to name the API whether it counts as many projects.
async function versions(projects) {
  const same = {};
  for (const version of ["internal", "unsupported", "asp", "15.0", "4.0"]) {
    same[version] = await client({ version }).count("PROJ").then((n) => n === projects, (error) => error.status);
  }
  return same;
}

async function main() {
  const api = client();
  const result = {};

  const one = async (object, filter) => (await api.search(object, { ...filter, $$LIMIT: 1 }))[0].ID;
  const current = await one("PROJ", { status: "CUR" });
  const late = await one("TASK", { "project:status": "CPL" });
  const made = await as("create", () => api.create("TASK", { name: "test", projectID: current }));
  await as("copy", () => api.copy("TASK", made.ID, { name: "aaa" }));
  const project = await api.create("PROJ", { name: "api test" });
  await as("edit", () => api.edit("PROJ", project.ID, { name: "api test 2" }));
  await as("get", () => api.get("PROJ", project.ID));
  await as("get_multiple", () => api.get("PROJ", [project.ID, current]));
  await as("count", () => api.count("TASK"));
  await as("search", () => api.search("ROLE"));
  await as("report", () => api.report("TASK", { status_1_GroupBy: true, ID_AggFunc: "dcount" }));
  await as("metadata", () => api.metadata("ROLE"));
  await as("namedQuery", () => api.namedQuery("WORK", "myWork"));
  await as("batch", () => api.batch((b) => [b.edit("TASK", made.ID, { name: "one" }), b.edit("TASK", made.ID, { name: "two" })]));
  await api.batch((b) => [b.edit("TASK", made.ID, { name: "three" })], true, true);
  result.batch = await wholeBatch(api, made.ID);
  await api.editMultiple("TASK", [{ ID: made.ID, name: "four" }]);
  await as("upload", () => api.uploadFromStream(fs.createReadStream(__filename), "brief.txt"));
  result.content = await refused(() => api.uploadFileContent(new Blob(["a text"]), "brief.txt")); // which it copies to a plain object, and loses
  const issue = await api.create("OPTASK", { name: "issue", projectID: current });
  await as("execute", () => api.execute("OPTASK", issue.ID, "convertToTask", { updates: JSON.stringify({ task: { priority: 3 } }) }));
  await api.request("TASK/" + made.ID, {}, ["name"], "GET");
  await api.copy("TASK", made.ID, { name: "bbb" }, ["name"], ["anOption"]);
  result.me = (await api.get("USER", "$$USER.ID"))[0].objCode;
  result.posted = [(await api.search("TASK", { ID: made.ID }, ["name"], true)).length, Object.keys(await api.report("TASK", { status_1_GroupBy: true, ID_AggFunc: "count" }, true)).length > 0];
  result.objects = Object.keys((await api.metadata()).objects).includes("Task");
  result.byGet = await byGet(current);
  result.versions = await versions(await api.count("PROJ"));
  await as("remove", () => api.remove("TASK", made.ID, true));
  result.removed = await refused(() => api.remove("TASK", made.ID));
  result.complete = await refused(() => as("removeFailure", () => api.remove("TASK", late)));
  result.login = await refused(() => as("exception", () => api.login("CANARY-user", "CANARY-password")));
  result.getApiKey = await refused(() => api.getApiKey("CANARY-user", "CANARY-password"));
  process.once("unhandledRejection", (error) => (result.clearApiKey = { status: error.status, message: error.message })); // it handles none itself
  result.cleared = await Promise.race([api.clearApiKey().then(() => "cleared"), new Promise((done) => setTimeout(done, 2000, "no answer"))]);
  api.setSessionID();
  api.setXSRFToken("CANARY-token");
  result.xsrf = await refused(() => api.count("PROJ"));
  api.setXSRFToken();
  api.setApiKey("CANARY-key");
  result.apiKey = await refused(() => api.count("PROJ"));
  api.setSessionID(session);
  await as("logout", () => api.logout());
  api.setSessionID(session);
  result.loggedOut = await refused(() => api.count("PROJ"));
  console.log(JSON.stringify({ calls, answers, result }));
}

main().catch((e) => {
  console.error(e);
  process.exitCode = 1;
});
