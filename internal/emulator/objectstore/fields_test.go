package objectstore_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// members are the names of a JSON object in their order.
func members(t *testing.T, raw string) (names []string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(raw))
	depth := 0
	name := true
	for {
		token, err := decoder.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			name = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			if depth--; depth == 0 {
				return names
			}
			name = depth == 1
			continue
		}
		if depth == 1 {
			if name {
				names = append(names, token.(string))
			}
			name = !name
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 3})
	for _, test := range []struct{ path, want string }{
		// What the recorded answers have.
		{"proj/search?", "ID name objCode percentComplete plannedCompletionDate plannedStartDate priority projectedCompletionDate status"},
		{"task/search?", "ID name objCode percentComplete plannedCompletionDate plannedStartDate priority progressStatus projectedCompletionDate projectedStartDate status taskNumber wbs"},
		{"proj/search?fields=status", "ID name objCode status"},
		{"proj/search?fields=status,description", "ID name objCode status description"},
		{"proj/search?fields=status,%20status&fields=priority", "ID name objCode status priority"},
		{`proj/search?fields=["status","owner:name"]`, "ID name objCode status owner"},
		{"proj/search?fields=owner", "ID name objCode owner"},
		{"proj/search?fields=ownerID,owner:title", "ID name objCode ownerID owner"},
		{"hour/search?fields=hours", "ID objCode hours"},
		{"user/search?fields=*", "ID name objCode firstName lastName username emailAddr title phoneNumber isActive isAdmin entryDate managerID roleID homeGroupID homeTeamID companyID lastUpdateDate extRefID customerID"},
	} {
		got := data[[]json.RawMessage](t, ask(store, "GET", test.path+"&$$LIMIT=1", ""))
		if names := strings.Join(members(t, string(got[0])), " "); names != test.want {
			t.Errorf("%s: %s\nwant %s", test.path, names, test.want)
		}
	}
	task := rows(t, store, "task/search?fields=project:owner:title,project:owner:emailAddr,project:status,parentID,parent:name&parentID_Mod=notnull&$$LIMIT=1")[0]
	project := task["project"].(object)
	owner := project["owner"].(object)
	if project["objCode"] != "PROJ" || project["status"] == nil || owner["objCode"] != "USER" || owner["emailAddr"] == nil || len(owner) != 5 {
		t.Errorf("%v", task)
	}
	if parent := task["parent"].(object); parent["ID"] != task["parentID"] {
		t.Errorf("parent %v, parentID %v", parent, task["parentID"])
	}
	if top := rows(t, store, "task/search?fields=parent:name&parentID_Mod=isnull&$$LIMIT=1")[0]; top["parent"] != nil {
		t.Errorf("a parent of null is %v", top["parent"])
	}
	tasks := 0
	for _, project := range rows(t, store, "proj/search?fields=tasks:status,tasks:projectID,hours") {
		for _, member := range project["tasks"].([]any) {
			tasks++
			if task := member.(object); task["projectID"] != project["ID"] || task["status"] == nil || task["objCode"] != "TASK" {
				t.Errorf("%v is no task of %v", task, project["ID"])
			}
		}
		if _, ok := project["hours"].([]any); !ok {
			t.Errorf("hours are %v", project["hours"])
		}
	}
	if total := count(t, store, "task/count"); tasks != total {
		t.Errorf("%d of %d tasks are nested in projects", tasks, total)
	}
	if all := rows(t, store, "proj/search?fields=owner:*&$$LIMIT=1")[0]["owner"].(object); all["username"] == nil {
		t.Errorf("owner:* is %v", all)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 3})
	all := rows(t, store, "proj/search?ID_Sort=asc")
	first, last := all[0]["ID"].(string), all[2]["ID"].(string)
	for _, path := range []string{"proj/" + first, "project/" + first, "Proj/" + first, "PROJECT/" + first} {
		if got := data[object](t, ask(store, "GET", path, "")); got["ID"] != first || got["name"] != all[0]["name"] {
			t.Errorf("%s: %v", path, got)
		}
	}
	for _, path := range []string{"proj?id=" + last + "," + first, "proj?ID=" + last + "&ID=" + first} {
		if got := rows(t, store, path); len(got) != 2 || got[0]["ID"] != last || got[1]["ID"] != first {
			t.Errorf("%s: %v", path, got)
		}
	}
	user := store.People(1)[0].ID
	if got := rows(t, store, "user?id=$$USER.ID"); len(got) != 1 || got[0]["ID"] != user {
		t.Errorf("who is logged in: %v", got)
	}
	if got := ask(store, "PUT", "user?id=$$USER.ID", "name=x"); got.refused == nil {
		t.Errorf("a change of who is logged in: %s", got.body)
	}
	if got := ask(store, "GET", "user?id=$$USER.nosuch", ""); got.refused == nil || !strings.Contains(got.refused.Message, `"$$USER.nosuch" not found`) {
		t.Errorf("%v %s", got.refused, got.body)
	}
	byID := data[map[string]object](t, ask(store, "GET", "proj/search?map=true", ""))
	if len(byID) != 3 || byID[first]["ID"] != first {
		t.Errorf("map=true: %v", byID)
	}
	for name, code := range map[string]string{"optask": "OPTASK", "issue": "OPTASK", "OpTask": "OPTASK", "hour": "HOUR", "USER": "USER"} {
		for _, row := range rows(t, store, name+"/search?$$LIMIT=1") {
			if row["objCode"] != code {
				t.Errorf("%s: %v", name, row["objCode"])
			}
		}
	}
}
