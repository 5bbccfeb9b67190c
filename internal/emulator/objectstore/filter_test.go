package objectstore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// fixture is a store with four tasks of known content in one project, beside the seeded ones.
func fixture(t *testing.T) (store *objectstore.Store, project string) {
	t.Helper()
	store = objectstore.New(objectstore.Options{Projects: 3})
	project = create(t, store, "proj", "name=Canary")
	user := store.People(1)[0].ID
	for _, form := range []string{
		query("name", "Alpha", "status", "NEW", "priority", "1", "percentComplete", "0", "plannedStartDate", "2026-06-14T23:30:00:000-0700", "assignedToID", user),
		query("name", "beta", "status", "INP", "priority", "2", "percentComplete", "12.5", "plannedStartDate", "2026-06-15T00:00:00:000-0700", "description", "Über 50%"),
		query("name", "Gamma, delta", "status", "CPL", "priority", "3", "percentComplete", "100", "plannedStartDate", "2026-06-15T23:59:59:999-0700"),
		query("name", "Alphabet", "status", "NEW", "priority", "", "percentComplete", "50", "plannedStartDate", "2026-06-16T00:00:00:000-0700", "description", "x"),
	} {
		create(t, store, "task", form+"&projectID="+project)
	}
	return store, project
}

func TestFilters(t *testing.T) {
	t.Parallel()
	store, project := fixture(t)
	user := store.People(1)[0]
	const alpha, beta, gamma, alphabet = "Alpha", "beta", "Gamma, delta", "Alphabet"
	for _, test := range []struct {
		query string
		want  []string
	}{
		{query("status", "NEW"), []string{alpha, alphabet}},
		{query("status", "new"), nil},
		{query("status", "BOGUS"), nil},
		{query("status", "NEW", "status_Mod", "eq"), []string{alpha, alphabet}},
		{query("status", "NEW", "status_Mod", "ne"), []string{gamma, beta}},
		{query("status", "NEW", "status", "CPL", "status_Mod", "in"), []string{alpha, alphabet, gamma}},
		{query("status", "NEW,CPL", "status_Mod", "in"), nil},
		{query("status", "NEW", "status", "CPL", "status_Mod", "notin"), []string{beta}},
		{query("name", "ALPHA", "name_Mod", "cieq"), []string{alpha}},
		{query("name", "ALPHA", "name_Mod", "cine"), []string{alphabet, gamma, beta}},
		{query("name", "alpha", "name", "BETA", "name_Mod", "ciin"), []string{alpha, beta}},
		{query("name", "a, d", "name_Mod", "contains"), []string{gamma}},
		{query("name", "ALPHA", "name_Mod", "contains"), nil},
		{query("name", "ALPHA", "name_Mod", "cicontains"), []string{alpha, alphabet}},
		{query("name", "lpha", "name_Mod", "notcontains"), []string{gamma, beta}},
		{query("name", "ALPHA", "name_Mod", "cinotcontains"), []string{gamma, beta}},
		{query("name", "Alph", "name_Mod", "startswith"), []string{alpha, alphabet}},
		{query("name", "A%a%", "name_Mod", "like"), []string{alpha, alphabet}},
		{query("name", "%a", "name_Mod", "like"), []string{alpha, gamma, beta}},
		{query("name", "ALPHA%T", "name_Mod", "cilike"), []string{alphabet}},
		{query("name", "Alpha", "name_Mod", "gt"), []string{alphabet, gamma, beta}},
		{query("name", "B", "name_Mod", "lt"), []string{alpha, alphabet}},
		{query("name", "Alphabet", "name_Mod", "lte"), []string{alpha, alphabet}},
		{query("name", "a", "name_Range", "b~", "name_Mod", "cibetween"), []string{alpha, alphabet, beta}},
		{query("priority", "2"), []string{beta}},
		{query("priority", "2", "priority_Mod", "ne"), []string{alpha, alphabet, gamma}}, // null is not 2
		{query("priority", "2", "priority_Mod", "lt"), []string{alpha}},
		{query("priority", "2", "priority_Mod", "lte"), []string{alpha, beta}},
		{query("priority", "2", "priority_Mod", "gt"), []string{gamma}},
		{query("priority", "2", "priority_Mod", "gte"), []string{gamma, beta}},
		{query("priority", "1", "priority_Range", "2", "priority_Mod", "between"), []string{alpha, beta}},
		{query("priority", "1", "priority_Range", "2", "priority_Mod", "notbetween"), []string{alphabet, gamma}},
		{query("priority", "1", "priority", "3", "priority_Mod", "in"), []string{alpha, gamma}},
		{query("priority_Mod", "isnull"), []string{alphabet}},
		{query("priority_Mod", "notnull"), []string{alpha, gamma, beta}},
		{query("description_Mod", "isblank"), []string{alpha, gamma}},
		{query("description", "", "description_Mod", "notblank"), []string{alphabet, beta}},
		{query("percentComplete", "12.5"), []string{beta}},
		{query("plannedStartDate", "2026-06-15"), []string{gamma, beta}},
		{query("plannedStartDate", "$$TODAY"), []string{gamma, beta}},
		{query("plannedStartDate", "$$TODAY", "plannedStartDate_Mod", "lt"), []string{alpha}},
		{query("plannedStartDate", "$$TODAY", "plannedStartDate_Mod", "gt"), []string{alphabet}},
		{query("plannedStartDate", "$$TODAY-1d", "plannedStartDate_Range", "$$TODAY", "plannedStartDate_Mod", "between"), []string{alpha, gamma, beta}},
		{query("plannedStartDate", "2026-06-15T07:00:00.000Z"), []string{beta}},
		{query("plannedStartDate", "2026-06-15T23:59:59:999-0700"), []string{gamma}},
		{query("assignedToID", user.ID), []string{alpha}},
		{query("assignedToID", "$$USER.ID"), []string{alpha}},
		{query("assignedToID", strings.Repeat("0", 32)), nil},
		{query("assignedToID", strings.Repeat("0", 32)+","+user.ID, "assignedToID_Mod", "in"), []string{alpha}},
		{query("assignedToID_Mod", "isnull"), []string{alphabet, gamma, beta}},
		{query("assignedTo:name", user.Name), []string{alpha}},
		{query("assignedTo:name", "x", "assignedTo:name_Mod", "ne"), []string{alpha, alphabet, gamma, beta}},
		{query("project:sponsorID_Mod", "isnull", "status", "INP"), []string{beta}},
		{query("objCode", "TASK", "status", "INP"), []string{beta}},
		{query("status", "INP", "priority", "1"), nil},
		{query("filters", `{"status":["NEW","CPL"],"status_Mod":"in","priority":3}`), []string{gamma}},
		{"OR:1:status=CPL&OR:1:projectID=" + project, []string{alpha, alphabet, gamma, beta}},
	} {
		got := rows(t, store, "task/search?ID_Sort=asc&projectID="+project+"&"+test.query)
		var names []string
		for _, row := range got {
			names = append(names, row["name"].(string))
		}
		slices.Sort(names)
		if !slices.Equal(names, test.want) {
			t.Errorf("%s: %q, want %q", test.query, names, test.want)
		}
		if n := count(t, store, "task/count?projectID="+project+"&"+test.query); n != len(test.want) {
			t.Errorf("%s: counted %d, want %d", test.query, n, len(test.want))
		}
	}
	// Alternatives stand beside the plain parameters.
	got := rows(t, store, "task/search?status=INP&projectID="+project+"&OR:1:name=Alpha&OR:1:projectID="+project)
	if len(got) != 2 {
		t.Errorf("OR: %v", got)
	}
	// A flag, and IDs with commas.
	if n := count(t, store, "user/count?isAdmin=true"); n != 1 {
		t.Errorf("%d administrators", n)
	}
	users := store.People(3)
	if n := count(t, store, "user/count?ID="+users[0].ID+","+users[1].ID+"&ID_Mod=in"); n != 2 {
		t.Errorf("%d of two users", n)
	}
}

func TestCustomFields(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 40})
	for _, row := range rows(t, store, "proj/search?DE:Region=EMEA&fields=DE:Region,DE:Cost%20Center,parameterValues") {
		values := row["parameterValues"].(object)
		if row["DE:Region"] != "EMEA" || values["DE:Region"] != "EMEA" || values["DE:Cost Center"] != row["DE:Cost Center"] {
			t.Errorf("%v", row)
		}
	}
	for _, row := range rows(t, store, "task/search?project:DE:Region=APAC&fields=project:DE:Region&$$LIMIT=3") {
		if row["project"].(object)["DE:Region"] != "APAC" {
			t.Errorf("%v", row)
		}
	}
	for name := range rows(t, store, "proj/search?fields=*&$$LIMIT=1")[0] {
		if strings.HasPrefix(name, "DE:") || name == "parameterValues" {
			t.Errorf("* includes %s", name)
		}
	}
}
