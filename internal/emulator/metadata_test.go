package emulator_test

import (
	"net/http/httptest"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

func TestMetadata(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	// Nobody needs to be logged in.
	get := func(path string) object {
		return data[object](t, do(tenant, httptest.NewRequest("GET", "http://127.0.0.1:4711/attask/api/v21.0/"+path, nil)))
	}
	project := get("metadata")["objects"].(object)["Project"].(object)
	want := object{"name": "Project", "label": "Project", "objCode": "PROJ", "url": "http://127.0.0.1:4711/attask/api/v21.0/proj/metadata"}
	for name := range want {
		if project[name] != want[name] {
			t.Errorf("%s: %v", name, project[name])
		}
	}
	task := get("TASK/metadata")
	for _, name := range []string{"name", "label", "objCode", "flags", "url", "fields", "references", "collections", "search", "actions", "queries", "operations"} {
		if _, ok := task[name]; !ok {
			t.Errorf("no %s", name)
		}
	}
	status := task["fields"].(object)["status"].(object)
	for _, name := range []string{"label", "typeObjCode", "targetTypeObjCode", "fieldType", "enumTargetObjCode", "enumType", "url", "possibleValues"} {
		if _, ok := status[name]; !ok {
			t.Errorf("no fields.status.%s", name)
		}
	}
	owner := get("project/metadata")["references"].(object)["owner"].(object)
	if owner["typeObjCode"] != "USER" || owner["fieldType"] != "User" || owner["url"] != "http://127.0.0.1:4711/attask/api/v21.0/user/metadata" {
		t.Errorf("references.owner %v", owner)
	}
	if children := task["collections"].(object)["children"].(object); children["fieldType"] != "Task" || children["typeObjCode"] != "TASK" {
		t.Errorf("collections.children %v", children)
	}
	if custom := get("project/metadata")["custom"].(object); custom["Region"] == nil {
		t.Errorf("custom %v", custom)
	}
	if task["actions"].(object)["markDone"] == nil || get("user/metadata")["queries"].(object)["userAdmins"] == nil {
		t.Error("actions or queries are missing")
	}
}

func TestNamedQuery(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	got := rows(t, tenant, "user/userAdmins?fields=username")
	if len(got) != 1 || got[0]["username"] != tenant.Users()[0].Username {
		t.Errorf("%v", got)
	}
}
