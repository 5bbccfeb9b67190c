package objectstore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// names are those that a search of the fixture's tasks finds, sorted.
func names(t *testing.T, store *objectstore.Store, project, filter string) []string {
	t.Helper()
	found := column(rows(t, store, "task/search?ID_Sort=asc&$$LIMIT=2000&projectID="+project+"&"+filter), "name")
	slices.Sort(found)
	return found
}

// What stands in groups, and what compares fields with each other.
func TestGroupsAndFields(t *testing.T) {
	t.Parallel()
	store, project := fixture(t)
	me := store.People(1)[0].ID
	const alpha, beta, gamma, alphabet = "Alpha", "beta", "Gamma, delta", "Alphabet"
	done := create(t, store, "proj", "name=Other")
	create(t, store, "task", query("name", "elsewhere", "projectID", done))
	create(t, store, "hour", query("hours", "2", "projectID", project, "taskID", idOf(t, store, project, alpha), "ownerID", me))
	create(t, store, "note", query("noteText", "hm", "noteObjCode", "TASK", "objID", idOf(t, store, project, beta)))
	for _, test := range []struct {
		query string
		want  []string
	}{
		// A field has a second condition in a group of its own.
		{query("priority", "1", "priority_Mod", "gt", "AND:1:priority", "3", "AND:1:priority_Mod", "lt"), []string{beta}},
		{query("AND:1:status", "NEW", "AND:2:name", "lpha", "AND:2:name_Mod", "contains", "AND:3:priority_Mod", "notnull"), []string{alpha}},
		{query("AND:a:name", "alpha ", "AND:a:name_Mod", "cieq "), nil}, // blanks belong to a value, not to a modifier
		{query("OR:1:AND:1:name", "Alpha", "OR:1:AND:1:name_Mod", "startswith", "OR:1:AND:2:status", "NEW", "OR:1:projectID", project), []string{alpha, alphabet, gamma, beta}},
		{query("name", "Alpha\tbeta", "name_Mod", "in"), []string{alpha, beta}},
		{query("ID", idOf(t, store, project, alpha)+"\t"+idOf(t, store, project, beta), "ID_Mod", "in"), []string{alpha, beta}},

		{query("plannedStartDate", "FIELD:plannedCompletionDate", "plannedStartDate_Mod", "gt"), []string{alphabet, gamma}},
		{query("plannedStartDate", "FIELD:plannedCompletionDate", "plannedStartDate_Mod", "lt"), []string{alpha, beta}},
		{query("assignedToID", "FIELD:project:ownerID"), nil},
		{query("name", "FIELD:status", "name_Mod", "ne"), []string{alpha, alphabet, gamma, beta}},
		{query("description", "FIELD:name", "description_Mod", "ne"), []string{alpha, alphabet, gamma, beta}}, // null too
		{query("description", "FIELD:name", "description_Mod", "nee"), []string{alphabet, beta}},

		{query("EXISTS:1:$$OBJCODE", "HOUR", "EXISTS:1:taskID", "FIELD:ID"), []string{alpha}},
		{query("EXISTS:A:$$OBJCODE", "HOUR ", "EXISTS:A:taskID", "FIELD:ID", "EXISTS:A:hours", "3", "EXISTS:A:hours_Mod", "gt"), nil},
		{query("EXISTS:1:$$OBJCODE", "HOUR", "EXISTS:1:$$EXISTSMOD", "NOTEXISTS", "EXISTS:1:taskID", "FIELD:ID"), []string{alphabet, gamma, beta}},
		{query("EXISTS:1:$$OBJCODE", "NOTE", "EXISTS:1:taskID", "FIELD:ID", "EXISTS:2:$$OBJCODE", "HOUR", "EXISTS:2:taskID", "FIELD:ID"), nil},
		{query("OR:1:EXISTS:1:$$OBJCODE", "NOTE", "OR:1:EXISTS:1:taskID", "FIELD:ID", "OR:1:projectID", project, "status", "CPL"), []string{gamma, beta}},
		{query("EXISTS:1:$$OBJCODE", "ASSGN", "EXISTS:1:taskID", "FIELD:ID", "EXISTS:1:assignedToID", "$$USER.ID"), []string{alpha}},
		{query("EXISTS:1:$$OBJCODE", "USER", "EXISTS:1:ID", "FIELD:assignedToID", "EXISTS:1:isAdmin", "true"), []string{alpha}},
		{query("EXISTS:1:$$OBJCODE", "PROJ", "EXISTS:1:ID", "FIELD:projectID", "EXISTS:1:name", "Canary"), []string{alpha, alphabet, gamma, beta}},
		// Within EXISTS, another level.
		{query("EXISTS:1:$$OBJCODE", "PROJ", "EXISTS:1:ID", "FIELD:projectID", "EXISTS:1:EXISTS:1:$$OBJCODE", "HOUR", "EXISTS:1:EXISTS:1:projectID", "FIELD:ID"), []string{alpha, alphabet, gamma, beta}},
		// A comparison that leads nowhere by references walks.
		{query("EXISTS:1:$$OBJCODE", "TASK", "EXISTS:1:name", "FIELD:name", "EXISTS:1:status", "INP"), []string{beta}},

		{query("name", "ALPHA", "name", "GAMMA", "name_Mod", "cicontainsany"), []string{alpha, alphabet, gamma}},
		{query("name", "a", "name", "l", "name", "m", "name_Mod", "containsall"), []string{gamma}},
		{query("name", "Alp", "name", "bet", "name_Mod", "containsall"), []string{alphabet}},
		{query("name", "ALP", "name", "BET", "name_Mod", "cinotcontainsall"), []string{alpha, gamma, beta}},
		{query("name", "5", "name_Mod", "length_eq"), []string{alpha}},
		{query("name", "5", "name_Mod", "length_gt"), []string{alphabet, gamma}},
		{query("name", "5", "name_Mod", "length_lt"), []string{beta}},
		{query("name", "bite", "name_Mod", "soundex"), []string{beta}},
		{query("priority", "2", "priority_Mod", "bitwiseand"), []string{gamma, beta}},
		{query("priority", "1", "priority_Mod", "bitwisenand"), []string{alphabet, beta}},
		{query("priority", "3", "priority_Mod", "bitwiseor"), []string{alpha, gamma, beta}},
		{query("plannedStartDate", "2026-06-15", "plannedStartDate_Mod", "exacttime"), []string{beta}},
		{query("status", "CPL", "status_Mod", "nee"), []string{alpha, alphabet, beta}},
		{`listOptions={"$$LIMIT":1,"name_Sort":"desc"}`, []string{beta}},
	} {
		given := test.query
		if strings.HasPrefix(given, "listOptions=") {
			if got := column(rows(t, store, "task/search?projectID="+project+"&"+given), "name"); !slices.Equal(got, test.want) {
				t.Errorf("%s: %q, want %q", given, got, test.want)
			}
			continue
		}
		if got := names(t, store, project, given); !slices.Equal(got, test.want) && len(got)+len(test.want) > 0 {
			t.Errorf("%s: %q, want %q", given, got, test.want)
		}
	}
}

func idOf(t *testing.T, store *objectstore.Store, project, name string) string {
	t.Helper()
	return rows(t, store, "task/search?"+query("projectID", project, "name", name))[0]["ID"].(string)
}

// Where references lead to the candidates, the answer is the one of a walk over all rows.
func TestCandidatesAreNoOthers(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 20})
	for _, project := range rows(t, store, "proj/search?fields=ID,tasks") {
		id := project["ID"].(string)
		indexed := column(rows(t, store, "task/search?ID_Sort=asc&$$LIMIT=2000&projectID="+id), "ID")
		walked := column(rows(t, store, "task/search?ID_Sort=asc&$$LIMIT=2000&project:ID="+id), "ID")
		if !slices.Equal(indexed, walked) || len(indexed) != len(project["tasks"].([]any)) {
			t.Errorf("project %s: %d, %d and %d tasks", id, len(indexed), len(walked), len(project["tasks"].([]any)))
		}
	}
	with := column(rows(t, store, "proj/search?ID_Sort=asc&EXISTS:1:$$OBJCODE=OPTASK&EXISTS:1:projectID=FIELD:ID"), "ID")
	var counted []string
	for _, project := range rows(t, store, "proj/search?ID_Sort=asc") {
		if count(t, store, "optask/count?project:ID="+project["ID"].(string)) > 0 {
			counted = append(counted, project["ID"].(string))
		}
	}
	if !slices.Equal(with, counted) || len(with) == 0 || len(with) == 20 {
		t.Errorf("%d and %d projects with issues", len(with), len(counted))
	}
}

func TestRefusedFilters(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	for path, want := range map[string]string{
		"task/search?EXISTS:1:projectID=FIELD:ID":                          `Invalid Parameter: $$OBJCODE value ""`,
		"task/search?EXISTS:1:$$OBJCODE=NOSUCH":                            `Unknown object type: NOSUCH`,
		"task/search?EXISTS:1:$$OBJCODE=HOUR&EXISTS:1:$$EXISTSMOD=MAYBE":   `Invalid Parameter: $$EXISTSMOD value "MAYBE"`,
		"task/search?EXISTS:1:$$OBJCODE=HOUR&EXISTS:1:nosuch=1":            `APIModel V22_0 does not support field nosuch (Hour)`,
		"task/search?EXISTS:1:$$OBJCODE=HOUR&EXISTS:1:taskID=FIELD:nosuch": `APIModel V22_0 does not support field nosuch (Task)`,
		"task/search?name=FIELD:nosuch":                                    `APIModel V22_0 does not support field nosuch (Task)`,
		"task/search?name=FIELD:status&name_Mod=contains":                  `Invalid Parameter: name_Mod value "contains"`,
		"task/search?name=FIELD:priority":                                  `Invalid Parameter: name value "FIELD:priority"`,
		"task/search?name=x&name_Mod=length_gt":                            `Invalid Parameter: name value "x"`,
		"task/search?percentComplete=1&percentComplete_Mod=bitwiseand":     `Invalid Parameter: percentComplete_Mod value "bitwiseand"`,
		`task/search?listOptions={"name":"x"}`:                             `Invalid Parameter: listOptions value "{\"name\":\"x\"}"`,
		`task/search?listOptions=[]`:                                       `Invalid Parameter: listOptions value "[]"`,
		`task/search?filters={"name":`:                                     `Invalid Parameter: filters value "{\"name\":"`,
		"proj/search?DE:Region_Sort=asc":                                   `Invalid Parameter: DE:Region_Sort value "asc"`,
		"task/search?project:DE:Region_1_Sort=desc":                        `Invalid Parameter: project:DE:Region_1_Sort value "desc"`,
		"user/search?username=user1@example.com":                           "That username/password combination wasn't quite right.  Make sure your caps lock isn't on and try again.",
		"task/search?project:owner:manager:manager:manager:manager:name=x": `The path project:owner:manager:manager:manager:manager:name is deeper than 4 objects`,
		"work/myNonsense":     `APIModel V22_0 does not support namedQuery myNonsense (WORK)`,
		"proj/helpDeskQueues": `APIModel V22_0 does not support namedQuery helpDeskQueues (PROJ)`,
		"task/report?status_GroupBy=true&name_AggFunc=dsum":              `Invalid Parameter: name_AggFunc value "dsum"`,
		"task/report?status_GroupBy=true&percentComplete_AggFunc=median": `Invalid Parameter: percentComplete_AggFunc value "median"`,
	} {
		if got := ask(store, "GET", path, ""); got.refused == nil || got.refused.Message != want {
			t.Errorf("%s: %v %s", path, got.refused, got.body)
		}
	}
	// Inside filters={} a name is a field, whatever it is.
	if found := rows(t, store, "user/search?"+query("filters", `{"username":"user1@example.com"}`)); len(found) != 1 {
		t.Errorf("%d users", len(found))
	}
}
