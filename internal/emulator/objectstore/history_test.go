package objectstore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// Whatever is done and taken back, what references lead to is what a walk over all rows finds, and a refused batch has
// left no trace.
func TestHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 0))
		store := objectstore.New(objectstore.Options{Seed: seed, Projects: 6, Tasks: 40})
		some := func(object string) string {
			all := rows(t, store, object+"/search?ID_Sort=asc&$$LIMIT=2000")
			return all[rng.IntN(len(all))]["ID"].(string)
		}
		for range 40 {
			step(t, store, rng, some)
		}
		check := func(object, field, target string) {
			t.Helper()
			for _, row := range rows(t, store, target+"/search?$$LIMIT=2000") {
				id := row["ID"].(string)
				led := column(rows(t, store, object+"/search?ID_Sort=asc&$$LIMIT=2000&"+query(field+"ID", id)), "ID")
				walked := column(rows(t, store, object+"/search?ID_Sort=asc&$$LIMIT=2000&"+query(field+":ID", id)), "ID")
				if !slices.Equal(led, walked) {
					t.Errorf("seed %d: %s by %s: %q, a walk finds %q", seed, object, field, led, walked)
				}
			}
		}
		for _, by := range [][3]string{{"task", "project", "proj"}, {"task", "parent", "task"}, {"assgn", "task", "task"}, {"hour", "task", "task"}, {"task", "assignedTo", "user"}, {"hour", "project", "proj"}} {
			check(by[0], by[1], by[2])
		}
		// Who a task is assigned to stands in both places.
		for _, row := range rows(t, store, "task/search?$$LIMIT=2000&fields=assignedToID,assignments:assignedToID,assignments:isPrimary") {
			var primary any
			for _, one := range row["assignments"].([]any) {
				if a := one.(object); a["isPrimary"] == true {
					if primary != nil {
						t.Errorf("seed %d: two are primary: %v", seed, row)
					}
					primary = a["assignedToID"]
				}
			}
			if primary != row["assignedToID"] {
				t.Errorf("seed %d: %v", seed, row)
			}
		}
	}
}

// step does one thing at random, at times one that is refused after half of it.
func step(t *testing.T, store *objectstore.Store, rng *rand.Rand, some func(string) string) {
	t.Helper()
	before, refuse := "", rng.IntN(3) == 0
	if refuse {
		before = everything(t, store)
	}
	bad := strings.Repeat("0", 32)
	var got answer
	switch rng.IntN(6) {
	case 0:
		list := []object{{"name": "x", "projectID": some("proj"), "assignedToID": some("user")}, {"name": "y", "parentID": some("task")}}
		if refuse {
			list = append(list, object{"name": "z", "projectID": bad})
		}
		got = ask(store, "POST", "task", updates(list))
	case 1:
		list := []object{{"ID": some("task"), "assignedToID": some("user")}, {"ID": some("task"), "assignedToID": nil}, {"ID": some("task"), "assignments": []object{{"assignedToID": some("user")}, {"assignedToID": some("user")}}}}
		if refuse {
			list = append(list, object{"ID": bad})
		}
		got = ask(store, "PUT", "task", updates(list))
	case 2:
		ids := some("task")
		if refuse {
			ids += "," + bad
		}
		got = ask(store, "DELETE", "task?ID="+ids, "")
	case 3:
		ids := []string{some("task"), some("task")}
		if refuse {
			ids = append(ids, bad)
		}
		got = ask(store, "PUT", "task/bulkMove", updates(object{"taskIDs": ids, "projectID": some("proj")}))
	case 4:
		form := query("copySourceID", some("proj"), "name", fmt.Sprint(rng.Int()))
		if refuse {
			form += "&status=BAD"
		}
		got = ask(store, "POST", "proj", form)
	case 5:
		ids := some("assgn")
		if refuse {
			ids += "," + bad
		}
		got = ask(store, "DELETE", "assgn?ID="+ids, "")
	}
	if refuse && (got.refused == nil || everything(t, store) != before) {
		t.Errorf("%v: something is left of what was refused", got.refused)
	}
}
