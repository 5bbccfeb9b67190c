package objectstore_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// updates builds updates={json}, with more parameters as pairs.
func updates(value any, pairs ...string) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // what tests write marshals
	}
	return query(append([]string{"updates", string(text)}, pairs...)...)
}

// get reads fields of one object.
func get(t *testing.T, store *objectstore.Store, object, id, fields string) object {
	t.Helper()
	return data[map[string]any](t, ask(store, "GET", object+"/"+id+"?"+query("fields", fields), ""))
}

// everything is all that a store holds but for its history, for comparing.
func everything(t *testing.T, store *objectstore.Store) string {
	t.Helper()
	var all strings.Builder
	for code := range strings.FieldsSeq("PROJ TASK OPTASK HOUR ASSGN PORT PRGM TMPL TTSK USER TEAMMB NOTE DOCU DOCV ACSRUL JRNLE") {
		fmt.Fprintln(&all, ask(store, "GET", code+"/search?ID_Sort=asc&$$LIMIT=2000&fields=*", "").body)
	}
	return all.String()
}

// What a bad row spoils is one of two things, and with atomic=true always the whole.
func TestBadRows(t *testing.T) {
	t.Parallel()
	missing := strings.Repeat("0", 32)
	for _, alone := range []bool{false, true} {
		store := objectstore.New(objectstore.Options{Projects: 4, Alone: alone})
		project := create(t, store, "proj", "name=Canary")
		var tasks []string
		for i := range 5 {
			tasks = append(tasks, create(t, store, "task", query("name", fmt.Sprint("t", i), "projectID", project)))
		}
		for _, test := range []struct {
			method, path, form string
			message            string
			done               int // tasks that are as wished, of those that are not bad
		}{
			{"PUT", "task", updates([]object{{"ID": tasks[0], "description": "X"}, {"ID": missing, "description": "X"}, {"ID": tasks[2], "description": "X"}}), "not found", 2},
			{"PUT", "task", updates([]object{{"ID": tasks[0], "description": "X"}, {"ID": tasks[1], "description": "X", "status": "BAD"}}), "Invalid custom enum", 1},
			{"PUT", "task", updates([]object{{"ID": tasks[0], "description": "X"}, {"ID": tasks[1], "nosuch": "X"}, {"ID": tasks[2], "description": "X"}, {"ID": tasks[3], "description": "X"}}), "does not support field nosuch", 3},
			{"POST", "task", updates([]object{{"name": "new", "description": "X", "projectID": project}, {"description": "X"}, {"name": "new", "description": "X", "projectID": project}}), `name value ""`, 2},
		} {
			for _, atomic := range []bool{false, true} {
				before := everything(t, store)
				form := test.form
				if atomic {
					form += "&atomic=true"
				}
				got := ask(store, test.method, test.path, form)
				if got.refused == nil || !strings.Contains(got.refused.Message, test.message) {
					t.Errorf("%s: %v %s", form, got.refused, got.body)
				}
				want := 0
				if alone && !atomic {
					want = test.done
				}
				if n := count(t, store, "task/count?description=X&projectID="+project); n != want {
					t.Errorf("alone %t, atomic %t, %s: %d are done, want %d", alone, atomic, test.form, n, want)
				}
				if want == 0 && everything(t, store) != before {
					t.Errorf("alone %t, atomic %t, %s: not all was taken back", alone, atomic, test.form)
				}
				for _, row := range rows(t, store, "task/search?description=X&projectID="+project) {
					ask(store, "PUT", "task/"+row["ID"].(string), "description=")
				}
			}
		}
		// A row that is bad only together with another.
		people := updates([]object{{"name": "A", "username": "a@example.com"}, {"name": "B", "username": "b@example.com"}, {"name": "C", "username": "A@example.com"}})
		if got := ask(store, "POST", "user", people); got.refused == nil || !strings.Contains(got.refused.Message, "is in use") {
			t.Errorf("%v", got)
		}
		if n, want := count(t, store, "user/count?name=A&name=B&name=C&name_Mod=in"), map[bool]int{true: 2}[alone]; n != want {
			t.Errorf("alone %t: %d users, want %d", alone, n, want)
		}
		// Of deletes too.
		ask(store, "DELETE", "task?ID="+tasks[4]+","+missing, "")
		if n, want := count(t, store, "task/count?projectID="+project), map[bool]int{false: 5, true: 6}[alone]; n != want && !(alone && n < 9) {
			t.Errorf("alone %t: %d tasks, want %d", alone, n, want)
		}
	}
}

func TestAtomicAnswersSuccessOnly(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	for _, method := range []string{"POST", "PUT"} {
		list := []object{{"name": "a"}, {"name": "b"}}
		if method == "PUT" {
			for i, row := range rows(t, store, "proj/search?name=a&name=b&name_Mod=in") {
				list[i]["ID"] = row["ID"]
			}
		}
		if got := ask(store, method, "proj", updates(list, "atomic", "true")); got.body != `{"data":{"success":true}}` {
			t.Errorf("%s: %v %s", method, got.refused, got.body)
		}
	}
	if n := count(t, store, "proj/count"); n != 3 {
		t.Errorf("%d projects", n)
	}
}

func TestAnEmptyStore(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{})
	if count(t, store, "proj/count") != 0 || count(t, store, "work/count") != 0 || count(t, store, "user/count") == 0 {
		t.Error("there are projects, or no users")
	}
	create(t, store, "task", "name=x")
	if got := rows(t, store, "work/search?ID_Sort=asc"); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestAHundredAtMost(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	list := slices.Repeat([]object{{"name": "x"}}, 100)
	made := data[[]object](t, ask(store, "POST", "proj", updates(list)))
	if len(made) != 100 {
		t.Errorf("%d made", len(made))
	}
	for i, row := range made {
		list[i] = object{"ID": row["ID"], "name": fmt.Sprint(i)}
	}
	for i, row := range data[[]object](t, ask(store, "PUT", "proj", updates(list))) {
		if row["name"] != fmt.Sprint(i) || row["ID"] != list[i]["ID"] {
			t.Errorf("%d: %v", i, row)
		}
	}
	if got := ask(store, "POST", "proj", updates(append(list, object{"name": "x"}))); got.refused == nil || count(t, store, "proj/count") != 101 {
		t.Errorf("101: %v", got.refused)
	}
}

// A collection in a change is the whole of it.
func TestNestedUpdates(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	people := store.People(3)
	project := create(t, store, "proj", "name=Canary")
	task := create(t, store, "task", query("name", "x", "projectID", project, "assignedToID", people[0].ID))
	assigned := func() (users []string, primary any) {
		row := get(t, store, "task", task, "assignedToID,assignments:assignedToID,assignments:isPrimary,assignments:projectID")
		for _, member := range row["assignments"].([]any) {
			a := member.(object)
			if users = append(users, a["assignedToID"].(string)); a["isPrimary"] == true && a["assignedToID"] != row["assignedToID"] {
				t.Errorf("%v", row)
			}
			if a["projectID"] != project {
				t.Errorf("an assignment in the project %v", a["projectID"])
			}
		}
		slices.Sort(users)
		return users, row["assignedToID"]
	}
	sorted := func(ids ...string) []string { slices.Sort(ids); return ids }
	if users, primary := assigned(); !slices.Equal(users, []string{people[0].ID}) || primary != people[0].ID {
		t.Errorf("%v, %v", users, primary)
	}
	got := ask(store, "PUT", "task/"+task, updates(object{"assignments": []object{{"assignedToID": people[1].ID}, {"assignedToID": people[2].ID, "isPrimary": true}}}))
	if users, primary := assigned(); !slices.Equal(users, sorted(people[1].ID, people[2].ID)) || primary != people[2].ID {
		t.Errorf("%v: %v, %v", got, users, primary)
	}
	kept := rows(t, store, "assgn/search?taskID="+task+"&assignedToID="+people[1].ID)[0]["ID"].(string)
	data[object](t, ask(store, "PUT", "task/"+task, updates(object{"assignments": []object{{"ID": kept, "assignmentPercent": 50}}})))
	if users, primary := assigned(); !slices.Equal(users, []string{people[1].ID}) || primary != people[1].ID {
		t.Errorf("%v, %v", users, primary)
	}
	if got := get(t, store, "assgn", kept, "assignmentPercent"); got["assignmentPercent"] != 50.0 {
		t.Errorf("%v", got)
	}
	data[object](t, ask(store, "PUT", "task/"+task, updates(object{"assignedTo": object{"ID": people[0].ID}})))
	if users, primary := assigned(); !slices.Equal(users, sorted(people[0].ID, people[1].ID)) || primary != people[0].ID {
		t.Errorf("%v, %v", users, primary)
	}
	data[object](t, ask(store, "PUT", "task/"+task, updates(object{"assignments": []object{}})))
	if users, primary := assigned(); len(users) != 0 || primary != nil {
		t.Errorf("%v, %v", users, primary)
	}
	// By itself.
	one := create(t, store, "assgn", query("taskID", task, "assignedToID", people[1].ID))
	if _, primary := assigned(); primary != people[1].ID {
		t.Errorf("%v", primary)
	}
	ask(store, "DELETE", "assgn/"+one, "")
	// A bad member spoils the change.
	before := everything(t, store)
	for _, bad := range []any{"x", []string{"x"}, []object{{"nosuch": 1}}, []object{{"ID": strings.Repeat("0", 32)}}} {
		if got := ask(store, "PUT", "task/"+task, updates(object{"name": "y", "assignments": bad})); got.refused == nil {
			t.Errorf("%v: %s", bad, got.body)
		}
	}
	if everything(t, store) != before {
		t.Error("a refused change left something behind")
	}
}

// What Workfront ignores, refuses and needs to be told otherwise.
func TestIgnoredAndRefused(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 4})
	a, b := create(t, store, "proj", "name=a"), create(t, store, "proj", "name=b")
	issue := create(t, store, "optask", query("name", "x", "projectID", a, "workRequired", "120"))
	task := create(t, store, "task", query("name", "x", "projectID", a, "workRequired", "120"))
	if got := data[object](t, ask(store, "PUT", "optask/"+issue, updates(object{"projectID": b, "description": "y"}, "fields", "projectID,description"))); got["projectID"] != a || got["description"] != "y" {
		t.Errorf("%v", got)
	}
	if got := data[object](t, ask(store, "PUT", "task/"+task, query("workRequired", "60", "fields", "workRequired"))); got["workRequired"] != 120.0 {
		t.Errorf("%v", got)
	}
	if got := data[object](t, ask(store, "PUT", "proj/"+a, updates(object{"parameterValues": object{"DE:Region": "EMEA"}}, "fields", "parameterValues"))); len(got["parameterValues"].(object)) != 0 {
		t.Errorf("%v", got)
	}
	made := data[object](t, ask(store, "POST", "proj", updates(object{"name": "c", "parameterValues": object{"DE:Region": "EMEA", "Forecast": 1.5}}, "fields", "parameterValues")))
	if got := made["parameterValues"].(object); got["DE:Region"] != "EMEA" || got["DE:Forecast"] != 1.5 {
		t.Errorf("%v", made)
	}
	if got := data[object](t, ask(store, "PUT", "proj/"+a, updates(object{"DE:Region": "APAC", "DE:Go-live": "2026-12-24"}, "fields", "DE:Region,DE:Go-live"))); got["DE:Region"] != "APAC" || got["DE:Go-live"] != "2026-12-24" {
		t.Errorf("%v", got)
	}
	step := rows(t, store, "ttsk/search?$$LIMIT=1&parentID_Mod=isnull")[0]["ID"].(string)
	parent := create(t, store, "task", query("name", "p", "projectID", a))
	child := create(t, store, "task", query("name", "c", "projectID", a, "parentID", parent))
	for _, test := range []struct{ method, path, form, want string }{
		{"PUT", "proj/" + a, updates(object{"DE:Region label": "x"}), `Parameter with primary key value(s) "Region label" not found`},
		{"PUT", "proj/" + a, updates(object{"name": []string{"x"}}), `argument type mismatch`},
		{"PUT", "proj/" + a, updates([]object{{"ID": a}}, "name", "x"), `Cannot mix 'updates' JSON parameter with non-JSON update parameter 'name'`},
		{"PUT", "proj/" + a, "username=x", `That username/password combination wasn't quite right.`},
		{"PUT", "proj", query("updates", `[null]`), `Invalid Parameter: updates`},
		{"PUT", "task/" + parent, updates(object{"parentID": child}), `Invalid Parameter: parentID value`},
		{"DELETE", "ttsk/" + step, "", `with force=true only`},
		{"DELETE", "task?ID=" + parent + "," + child, "", `with primary key value(s) "` + child + `" not found`},
		{"POST", "ctgypa", "categoryID=x", `unable to find method for service endpoint type: ADD`},
		{"DELETE", "jrnle/" + a, "", `unable to find method for service endpoint type: DELETE`},
	} {
		if got := ask(store, test.method, test.path, test.form); got.refused == nil || !strings.Contains(got.refused.Message, test.want) {
			t.Errorf("%s %s %s: %v %s", test.method, test.path, test.form, got.refused, got.body)
		}
	}
	if got := ask(store, "DELETE", "ttsk/"+step+"?force=true", ""); got.refused != nil {
		t.Errorf("%v", got.refused)
	}
	// A status takes other fields along.
	data[object](t, ask(store, "PUT", "task/"+task, "status=CPL"))
	if got := get(t, store, "task", task, "percentComplete,actualCompletionDate"); got["percentComplete"] != 100.0 || got["actualCompletionDate"] != "2026-06-15T05:00:00:000-0700" {
		t.Errorf("%v", got)
	}
	// What was, is history.
	history := rows(t, store, "jrnle/search?fields=*&"+query("objID", task, "fieldName", "status"))
	if len(history) != 1 || history[0]["oldTextVal"] != "NEW" || history[0]["newTextVal"] != "CPL" || history[0]["objObjCode"] != "TASK" || history[0]["enteredByID"] != store.People(1)[0].ID {
		t.Errorf("%v", history)
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 10})
	first := create(t, store, "proj", query("name", "first", "DE:Region", "EMEA"))
	both := data[[]object](t, ask(store, "POST", "proj", updates([]object{{"copySourceID": first, "name": "second"}, {"name": "third"}}, "fields", "DE:Region")))
	if both[0]["name"] != "second" || both[0]["DE:Region"] != "EMEA" || both[1]["DE:Region"] != nil {
		t.Errorf("%v", both)
	}
	for _, form := range []string{updates(object{"name": "copy"}, "copySourceID", first, "options", `["x","y"]`), query("copySourceID", first, "name", "copy", "options", `[]`)} {
		if got := data[object](t, ask(store, "POST", "proj", form)); got["name"] != "copy" || got["ID"] == first {
			t.Errorf("%s: %v", form, got)
		}
	}
	for _, options := range []string{"x", `{"x":true}`, `[1]`, "null"} {
		if got := ask(store, "POST", "proj", query("copySourceID", first, "options", options)); got.refused == nil || !strings.Contains(got.refused.Message, "Invalid Parameter: options") {
			t.Errorf("options %s: %v %s", options, got.refused, got.body)
		}
	}
	if got := ask(store, "POST", "proj", query("name", "no copy", "options", "[]")); got.refused == nil {
		t.Errorf("options of no copy: %s", got.body)
	}
	if got := ask(store, "POST", "proj", updates(object{"copySourceID": strings.Repeat("0", 32)})); got.refused == nil {
		t.Errorf("%s", got.body)
	}
	for _, project := range rows(t, store, "proj/search?fields=DE:Region,ownerID,budget,tasks:name,tasks:parentID,tasks:parent:name,tasks:assignedToID") {
		copied := data[object](t, ask(store, "POST", "proj", query("copySourceID", project["ID"].(string), "name", "copy", "fields", "DE:Region,ownerID,budget,tasks:name,tasks:parentID,tasks:parent:name,tasks:parent:projectID,tasks:assignedToID,tasks:assignments")))
		if copied["name"] != "copy" || copied["DE:Region"] != project["DE:Region"] || copied["ownerID"] != project["ownerID"] || copied["budget"] != project["budget"] {
			t.Errorf("%v", copied)
		}
		outline := func(of object) (lines []string) {
			for _, one := range of["tasks"].([]any) {
				task := one.(object)
				parent := ""
				if p, ok := task["parent"].(object); ok {
					parent = p["name"].(string)
					if p["projectID"] != nil && p["projectID"] != copied["ID"] {
						t.Errorf("the parent is in %v", p["projectID"])
					}
				}
				if a, ok := task["assignments"].([]any); ok && (task["assignedToID"] != nil) != (len(a) > 0) {
					t.Errorf("%v", task)
				}
				lines = append(lines, fmt.Sprint(task["name"], parent, task["assignedToID"]))
			}
			slices.Sort(lines)
			return lines
		}
		if got, want := outline(copied), outline(project); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
