package objectstore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// do does an action and returns its result.
func do(t *testing.T, store *objectstore.Store, path string, args any) any {
	t.Helper()
	form := ""
	if args != nil {
		form = updates(args)
	}
	return data[object](t, ask(store, "PUT", path, form))["result"]
}

func TestTaskActions(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	people := store.People(3)
	from, to := create(t, store, "proj", "name=from"), create(t, store, "proj", "name=to")
	parent := create(t, store, "task", query("name", "parent", "projectID", from))
	child := create(t, store, "task", query("name", "child", "projectID", from, "parentID", parent))
	hour := create(t, store, "hour", query("hours", "1", "taskID", child, "projectID", from))
	other := create(t, store, "task", query("name", "other", "projectID", to))

	// A move takes along what is below and about it.
	do(t, store, "task/"+parent+"/move", object{"projectID": to})
	if got := get(t, store, "task", parent, "projectID,taskNumber,parentID"); got["projectID"] != to || got["taskNumber"] != 2.0 || got["parentID"] != nil {
		t.Errorf("%v", got)
	}
	if got := get(t, store, "task", child, "projectID,parentID"); got["projectID"] != to || got["parentID"] != parent {
		t.Errorf("%v", got)
	}
	if got := get(t, store, "hour", hour, "projectID"); got["projectID"] != to {
		t.Errorf("%v", got)
	}
	do(t, store, "task/move?ID="+parent+"&parentID="+other, nil)
	if got := get(t, store, "task", parent, "projectID,parentID"); got["projectID"] != to || got["parentID"] != other {
		t.Errorf("%v", got)
	}
	do(t, store, "task/bulkMove", object{"taskIDs": []string{parent, child}, "projectID": from})
	if got := count(t, store, "task/count?parentID_Mod=isnull&projectID="+from); got != 2 {
		t.Errorf("%d moved", got)
	}
	copies := do(t, store, "task/bulkCopy", object{"taskIDs": []string{parent, child}, "projectID": to}).([]any)
	if got := get(t, store, "task", copies[1].(string), "name,projectID"); len(copies) != 2 || got["name"] != "child" || got["projectID"] != to {
		t.Errorf("%v", got)
	}

	assigned := func() (users []string) {
		for _, a := range rows(t, store, "assgn/search?taskID="+child+"&fields=assignedToID&assignedToID_Mod=notnull") {
			users = append(users, a["assignedToID"].(string))
		}
		slices.Sort(users)
		return users
	}
	both := []string{people[0].ID, people[1].ID}
	slices.Sort(both)
	do(t, store, "task/"+child+"/assign", object{"objID": people[0].ID, "objCode": "USER"})
	do(t, store, "task/"+child+"/assign?objCode=USER&objID="+people[1].ID, nil)
	if got := assigned(); !slices.Equal(got, both) {
		t.Errorf("%v", got)
	}
	do(t, store, "task/"+child+"/unassign", object{"userID": people[0].ID})
	if got := assigned(); !slices.Equal(got, []string{people[1].ID}) || get(t, store, "task", child, "assignedToID")["assignedToID"] != people[1].ID {
		t.Errorf("%v", got)
	}
	team := rows(t, store, "team/search?$$LIMIT=1")[0]["ID"].(string)
	do(t, store, "task/"+child+"/assignMultiple", object{"userIDs": both, "teamIDs": []string{team}})
	if got := assigned(); !slices.Equal(got, both) || get(t, store, "task", child, "teamID")["teamID"] != team {
		t.Errorf("%v", got)
	}
	do(t, store, "task/"+child+"/acceptWork", nil)
	if got := rows(t, store, "assgn/search?status=AD&taskID="+child); len(got) != 1 || get(t, store, "task", child, "status")["status"] != "INP" {
		t.Errorf("%v", got)
	}
	do(t, store, "task/"+child+"/unacceptWork", nil)
	if got := get(t, store, "task", child, "status"); got["status"] != "NEW" {
		t.Errorf("%v", got)
	}
	do(t, store, "task/"+child+"/replyToAssignment", object{"noteText": "soon", "commitDate": "2026-07-01"})
	got := get(t, store, "task", child, "commitDate,notes:noteText,notes:projectID,notes:ownerID")
	if note := got["notes"].([]any)[0].(object); !strings.HasPrefix(got["commitDate"].(string), "2026-07-01") || note["noteText"] != "soon" || note["projectID"] != from || note["ownerID"] != people[0].ID {
		t.Errorf("%v", got)
	}
	project := do(t, store, "task/"+child+"/convertToProject", object{"project": object{"name": "grown", "status": "PLN"}})
	if got := get(t, store, "proj", project.(string), "name,status"); got["name"] != "grown" || got["status"] != "PLN" {
		t.Errorf("%v", got)
	}
}

func TestIssueActions(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	from, to := create(t, store, "proj", "name=from"), create(t, store, "proj", "name=to")
	issue := create(t, store, "optask", query("name", "x", "description", "d", "projectID", from, "assignedToID", store.People(1)[0].ID))
	hour := create(t, store, "hour", query("hours", "1", "opTaskID", issue, "projectID", from))
	do(t, store, "optask/"+issue+"/move", object{"projectID": to})
	if got := get(t, store, "hour", hour, "projectID,opTask:projectID"); got["projectID"] != to || got["opTask"].(object)["projectID"] != to {
		t.Errorf("%v", got)
	}
	do(t, store, "issue/bulkMove", object{"issueIDs": []string{issue}, "projectID": from})
	copied := do(t, store, "optask/copyIssue", object{"opTaskID": issue, "name": "y", "projectID": to}).(string)
	if got := get(t, store, "optask", copied, "name,description,projectID,assignments"); got["name"] != "y" || got["description"] != "d" || got["projectID"] != to || len(got["assignments"].([]any)) != 1 {
		t.Errorf("%v", got)
	}
	do(t, store, "optask/markDone?ID="+copied, nil)
	if got := get(t, store, "optask", copied, "status,isComplete,actualCompletionDate"); got["status"] != "CPL" || got["isComplete"] != true || got["actualCompletionDate"] == nil {
		t.Errorf("%v", got)
	}
	task := do(t, store, "optask/"+issue+"/convertToTask", object{"task": object{"priority": 3}}).(string)
	if got := get(t, store, "task", task, "name,projectID,priority,assignedToID,taskNumber"); got["name"] != "x" || got["projectID"] != from || got["priority"] != 3.0 || got["assignedToID"] == nil || got["taskNumber"] != 1.0 {
		t.Errorf("%v", got)
	}
	if got := ask(store, "GET", "optask/"+issue, ""); got.refused == nil {
		t.Error("the issue is still there")
	}
}

func TestOtherActions(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	project := create(t, store, "proj", "name=x")
	template := rows(t, store, "tmpl/search?$$LIMIT=1&fields=templateTasks:name,templateTasks:parentID")[0]
	do(t, store, "proj/"+project+"/attachTemplate", object{"templateID": template["ID"]})
	if got := count(t, store, "task/count?parentID_Mod=notnull&projectID="+project); got != 1 {
		t.Errorf("%d tasks below others", got)
	}
	all := rows(t, store, "task/search?taskNumber_Sort=asc&projectID="+project)
	if len(all) != len(template["templateTasks"].([]any)) {
		t.Errorf("%d tasks", len(all))
	}
	ask(store, "PUT", "task/"+all[0]["ID"].(string), "plannedStartDate=2026-01-05&percentComplete=50")
	ask(store, "PUT", "task/"+all[1]["ID"].(string), "plannedCompletionDate=2027-01-05&status=CPL")
	do(t, store, "project/calculateTimeline?ID="+project, nil)
	got := get(t, store, "proj", project, "plannedStartDate,plannedCompletionDate,percentComplete")
	if !strings.HasPrefix(got["plannedStartDate"].(string), "2026-01-05") || !strings.HasPrefix(got["plannedCompletionDate"].(string), "2027-01-05") || got["percentComplete"] != 30.0 {
		t.Errorf("%v", got)
	}

	user := store.People(2)[1].ID
	rules := func() (list []string) {
		for _, rule := range rows(t, store, "acsrul/search?fields=*&securityObjID="+project) {
			id, _ := rule["accessorID"].(string)
			list = append(list, id+" "+rule["coreAction"].(string))
		}
		slices.Sort(list)
		return list
	}
	do(t, store, "proj/"+project+"/share?"+query("accessorObjCode", "USER", "accessorID", user, "coreAction", "VIEW", "forbiddenActions", "SHARE", "forbiddenActions", "ADD_HOURS"), nil)
	do(t, store, "proj/share?"+query("id", project, "accessorObjCode", "USER", "accessorID", user, "coreAction", "EDIT"), nil)
	do(t, store, "proj/"+project+"/sharePublic?coreAction=VIEW", nil)
	if got, want := rules(), []string{" VIEW", user + " EDIT"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := get(t, store, "proj", project, "accessRules:coreAction"); len(got["accessRules"].([]any)) != 2 {
		t.Errorf("%v", got)
	}
	do(t, store, "proj/"+project+"/unshare?"+query("accessorObjCode", "USER", "accessorID", user), nil)
	do(t, store, "proj/"+project+"/unsharePublic", nil)
	if got := rules(); len(got) != 0 {
		t.Errorf("%q", got)
	}

	hour := create(t, store, "hour", "hours=1&projectID="+project)
	do(t, store, "hour/approve?hourID="+hour, nil)
	if got := get(t, store, "hour", hour, "status,approvedByID"); got["status"] != "APR" || got["approvedByID"] != store.People(1)[0].ID {
		t.Errorf("%v", got)
	}
	do(t, store, "hour/unapprove?hourID="+hour, nil)
	program, portfolio := rows(t, store, "prgm/search?$$LIMIT=1")[0]["ID"].(string), create(t, store, "port", "name=new")
	do(t, store, "prgm/"+program+"/move", object{"portfolioID": portfolio})
	if got := get(t, store, "prgm", program, "portfolioID"); got["portfolioID"] != portfolio {
		t.Errorf("%v", got)
	}

	missing := strings.Repeat("0", 32)
	before := everything(t, store)
	for _, test := range []struct{ path, form, want string }{
		{"task/bulkMove?taskIDs=" + missing, "", "argument type mismatch"},
		{"task/bulkMove", updates(object{"taskIDs": "x"}), "argument type mismatch"},
		{"task/bulkMove", updates(object{"taskIDs": []string{}}), `taskIDs value ""`},
		{"task/bulkMove", updates(object{"taskIDs": []string{all[0]["ID"].(string), missing}, "projectID": project}), "not found"},
		{"task/" + all[0]["ID"].(string) + "/move", updates(object{"parentID": all[0]["ID"]}), "parentID value"},
		{"task/" + all[0]["ID"].(string) + "/assign", updates(object{"objCode": "PROJ", "objID": project}), `objCode value "PROJ"`},
		{"task/" + all[0]["ID"].(string) + "/convertToProject", updates(object{"project": "x"}), "argument type mismatch"},
		{"task/" + all[0]["ID"].(string) + "/convertToProject", updates(object{"project": object{"nosuch": 1}}), "does not support field nosuch"},
		{"task/markDone", "", "you must specify an ID"},
		{"task/" + missing + "/markDone", "", "not found"},
		{"task/" + all[0]["ID"].(string) + "/markDone", updates([]string{"x"}), "updates value is not a JSON object"},
		{"proj/" + project + "/share", query("accessorObjCode", "PROJ", "accessorID", project, "coreAction", "VIEW"), `accessorObjCode value "PROJ"`},
		{"proj/" + project + "/share", query("accessorObjCode", "USER", "accessorID", missing, "coreAction", "VIEW"), "not found"},
		{"proj/" + project + "/share", query("accessorObjCode", "USER", "accessorID", user), `coreAction value ""`},
		{"proj/" + project + "/share", query("accessorObjCode", "USER", "accessorID", user, "coreAction", "OWN"), "Invalid custom enum"},
		{"proj/" + project + "/attachTemplate", "", `templateID value ""`},
		{"proj/" + project + "/markDone", "", "APIModel V22_0 does not support action markDone (Project)"},
		{"optask/move", updates(object{"ID": missing, "projectID": project}), "not found"},
	} {
		if got := ask(store, "PUT", test.path, test.form); got.refused == nil || !strings.Contains(got.refused.Message, test.want) {
			t.Errorf("%s %s: %v %s", test.path, test.form, got.refused, got.body)
		}
	}
	if everything(t, store) != before {
		t.Error("a refused action left something behind")
	}
}
