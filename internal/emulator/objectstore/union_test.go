package objectstore_test

import (
	"slices"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// Work is tasks and issues as one list, in the order of their IDs.
func TestWork(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 20})
	tasks, issues := count(t, store, "task/count"), count(t, store, "optask/count")
	all := rows(t, store, "work/search?ID_Sort=asc&$$LIMIT=2000&fields=severity,percentComplete,project:name,status,assignedToID")
	if len(all) != tasks+issues || count(t, store, "work/count") != len(all) {
		t.Errorf("%d of %d tasks and %d issues", len(all), tasks, issues)
	}
	if ids := column(all, "ID"); !slices.IsSorted(ids) || len(slices.Compact(ids)) != len(all) {
		t.Error("not in order")
	}
	codes := make(map[string]int)
	for _, row := range all {
		code := row["objCode"].(string)
		codes[code]++
		if (row["severity"] == nil) != (code == "TASK") || (row["percentComplete"] == nil) != (code == "OPTASK") {
			t.Fatalf("%v", row)
		}
		if row["project"].(object)["objCode"] != "PROJ" {
			t.Fatalf("%v", row)
		}
	}
	if codes["TASK"] != tasks || codes["OPTASK"] != issues {
		t.Errorf("%v", codes)
	}
	for _, row := range []object{all[0], all[len(all)-1]} {
		if got := data[object](t, ask(store, "GET", "work/"+row["ID"].(string), "")); got["name"] != row["name"] || got["objCode"] != row["objCode"] {
			t.Errorf("%v", got)
		}
	}
	project := rows(t, store, "proj/search?$$LIMIT=1")[0]["ID"].(string)
	if got, want := count(t, store, "work/count?projectID="+project), count(t, store, "task/count?projectID="+project)+count(t, store, "optask/count?projectID="+project); got != want || want == 0 {
		t.Errorf("%d of a project, want %d", got, want)
	}
	if ids := column(rows(t, store, "work/search?ID_Sort=asc&$$LIMIT=2000&assignedToID="+store.People(1)[0].ID), "ID"); !slices.IsSorted(ids) || len(ids) < 5 {
		t.Errorf("found by a reference: %q", ids)
	}
	if got := ask(store, "POST", "work", "name=x"); got.refused == nil || got.refused.Message != "unable to find method for service endpoint type: ADD" {
		t.Errorf("%v", got)
	}
}

// A named query is the search that its name says.
func TestNamedQueries(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 200})
	me := store.People(1)[0].ID
	for name, search := range map[string][]string{
		"myWork":                     {"assignedToID=" + me + "&status_Mod=ne&status=CPL"},
		"myAccomplishments":          {"assignedToID=" + me + "&status=CPL"},
		"workRequests":               {"assignedToID=" + me + "&status=NEW"},
		"myOpenRequests":             {"ownerID=" + me + "&status_Mod=ne&status=CPL&objCode=OPTASK"},
		"myCompletedRequests":        {"ownerID=" + me + "&status=CPL&objCode=OPTASK"},
		"myAwaitingFeedbackRequests": {"ownerID=" + me + "&status=AWF&objCode=OPTASK"},
		"teamRequests":               {"status_Mod=ne&status=CPL&EXISTS:1:$$OBJCODE=TEAMMB&EXISTS:1:teamID=FIELD:teamID&EXISTS:1:userID=" + me},
	} {
		got := column(rows(t, store, "work/"+name+"?$$LIMIT=2000"), "ID")
		want := column(rows(t, store, "work/search?ID_Sort=asc&$$LIMIT=2000&"+search[0]), "ID")
		slices.Sort(got)
		if !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s: %d, want %d", name, len(got), len(want))
		}
	}
	all := rows(t, store, "work/myWork?$$LIMIT=2000&fields=name,status")
	if !slices.IsSorted(column(all, "ID")) {
		t.Error("not in the order of IDs, so that windows do not fit together")
	}
	some := rows(t, store, "work/myWork?$$LIMIT=2000&filters="+`{"status":"NEW"}`)
	if len(some) == 0 || len(some) >= len(all) {
		t.Errorf("%d of %d are new", len(some), len(all))
	}
	if got := rows(t, store, "work/myWork?$$FIRST=1&$$LIMIT=1"); len(got) != 1 || got[0]["ID"] != all[1]["ID"] {
		t.Errorf("a window: %v", got)
	}
	for _, name := range []string{"getMyWorkCount"} {
		if got := data[object](t, ask(store, "PUT", "work/"+name, "")); got["result"] != float64(len(all)) {
			t.Errorf("%s: %v, want %d", name, got, len(all))
		}
	}
	if got := rows(t, store, "user/userAdmins"); len(got) != 1 || got[0]["ID"] != me {
		t.Errorf("%v", got)
	}
	if got := rows(t, store, "cust/currentCustomer"); len(got) != 1 || got[0]["ID"] != store.CustomerID() || got[0]["objCode"] != "CUST" {
		t.Errorf("%v", got)
	}
}
