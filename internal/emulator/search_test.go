package emulator_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// query builds the query of a search from pairs.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return q.Encode()
}

// fixture is a tenant with four tasks of known content in one project, beside the seeded ones.
func fixture(t *testing.T) (tenant *emulator.Tenant, project string) {
	t.Helper()
	now := newClock() // 15 June 2026, 05:00 in the tenant's zone
	tenant = emulator.New(emulator.Options{Projects: 3, Now: now.Now})
	created := data[object](t, api(tenant, "POST", "proj", query("name", "Canary")))
	project = created["ID"].(string)
	user := tenant.Users()[0].ID
	for _, form := range []string{
		query("name", "Alpha", "status", "NEW", "priority", "1", "percentComplete", "0", "plannedStartDate", "2026-06-14T23:30:00:000-0700", "assignedToID", user),
		query("name", "beta", "status", "INP", "priority", "2", "percentComplete", "12.5", "plannedStartDate", "2026-06-15T00:00:00:000-0700", "description", "Über 50%"),
		query("name", "Gamma, delta", "status", "CPL", "priority", "3", "percentComplete", "100", "plannedStartDate", "2026-06-15T23:59:59:999-0700"),
		query("name", "Alphabet", "status", "NEW", "priority", "", "percentComplete", "50", "plannedStartDate", "2026-06-16T00:00:00:000-0700", "description", "x"),
	} {
		if got := api(tenant, "POST", "task", form+"&projectID="+project); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	return tenant, project
}

func TestFilters(t *testing.T) {
	t.Parallel()
	tenant, project := fixture(t)
	user := tenant.Users()[0]
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
		{query("project:enteredByID_Mod", "isnull", "status", "INP"), []string{beta}},
		{query("objCode", "TASK", "status", "INP"), []string{beta}},
		{query("status", "INP", "priority", "1"), nil},
		{query("filters", `{"status":["NEW","CPL"],"status_Mod":"in","priority":3}`), []string{gamma}},
		{"OR:1:status=CPL&OR:1:projectID=" + project, []string{alpha, alphabet, gamma, beta}},
	} {
		got := rows(t, tenant, "task/search?ID_Sort=asc&projectID="+project+"&"+test.query)
		var names []string
		for _, row := range got {
			names = append(names, row["name"].(string))
		}
		slices.Sort(names)
		if !slices.Equal(names, test.want) {
			t.Errorf("%s: %q, want %q", test.query, names, test.want)
		}
		if n := count(t, tenant, "task/count?projectID="+project+"&"+test.query); n != len(test.want) {
			t.Errorf("%s: counted %d, want %d", test.query, n, len(test.want))
		}
	}
	// Alternatives stand beside the plain parameters.
	got := rows(t, tenant, "task/search?status=INP&projectID="+project+"&OR:1:name=Alpha&OR:1:projectID="+project)
	if len(got) != 2 {
		t.Errorf("OR: %v", got)
	}
	// A flag, and IDs with commas.
	if n := count(t, tenant, "user/count?isAdmin=true"); n != 1 {
		t.Errorf("%d administrators", n)
	}
	users := tenant.Users()
	if n := count(t, tenant, "user/count?ID="+users[0].ID+","+users[1].ID+"&ID_Mod=in"); n != 2 {
		t.Errorf("%d of two users", n)
	}
}

func TestCustomFields(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 40})
	for _, row := range rows(t, tenant, "proj/search?DE:Region=EMEA&fields=DE:Region,DE:Cost%20Center,parameterValues") {
		values := row["parameterValues"].(object)
		if row["DE:Region"] != "EMEA" || values["DE:Region"] != "EMEA" || values["DE:Cost Center"] != row["DE:Cost Center"] {
			t.Errorf("%v", row)
		}
	}
	for _, row := range rows(t, tenant, "task/search?project:DE:Region=APAC&fields=project:DE:Region&$$LIMIT=3") {
		if row["project"].(object)["DE:Region"] != "APAC" {
			t.Errorf("%v", row)
		}
	}
	for name := range rows(t, tenant, "proj/search?fields=*&$$LIMIT=1")[0] {
		if strings.HasPrefix(name, "DE:") || name == "parameterValues" {
			t.Errorf("* includes %s", name)
		}
	}
}

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
	tenant := emulator.New(emulator.Options{Projects: 3})
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
		{"user/search?fields=*", "ID name objCode firstName lastName username emailAddr title phoneNumber isActive isAdmin entryDate managerID"},
	} {
		got := data[[]json.RawMessage](t, api(tenant, "GET", test.path+"&$$LIMIT=1", ""))
		if names := strings.Join(members(t, string(got[0])), " "); names != test.want {
			t.Errorf("%s: %s\nwant %s", test.path, names, test.want)
		}
	}
	task := rows(t, tenant, "task/search?fields=project:owner:title,project:owner:emailAddr,project:status,parentID,parent:name&parentID_Mod=notnull&$$LIMIT=1")[0]
	project := task["project"].(object)
	owner := project["owner"].(object)
	if project["objCode"] != "PROJ" || project["status"] == nil || owner["objCode"] != "USER" || owner["emailAddr"] == nil || len(owner) != 5 {
		t.Errorf("%v", task)
	}
	if parent := task["parent"].(object); parent["ID"] != task["parentID"] {
		t.Errorf("parent %v, parentID %v", parent, task["parentID"])
	}
	if top := rows(t, tenant, "task/search?fields=parent:name&parentID_Mod=isnull&$$LIMIT=1")[0]; top["parent"] != nil {
		t.Errorf("a parent of null is %v", top["parent"])
	}
	if all := rows(t, tenant, "proj/search?fields=owner:*&$$LIMIT=1")[0]["owner"].(object); all["username"] == nil {
		t.Errorf("owner:* is %v", all)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 3})
	all := rows(t, tenant, "proj/search?ID_Sort=asc")
	first, last := all[0]["ID"].(string), all[2]["ID"].(string)
	for _, path := range []string{"proj/" + first, "project/" + first, "Proj/" + first, "PROJECT/" + first} {
		if got := data[object](t, api(tenant, "GET", path, "")); got["ID"] != first || got["name"] != all[0]["name"] {
			t.Errorf("%s: %v", path, got)
		}
	}
	for _, path := range []string{"proj?id=" + last + "," + first, "proj?ID=" + last + "&ID=" + first} {
		if got := rows(t, tenant, path); len(got) != 2 || got[0]["ID"] != last || got[1]["ID"] != first {
			t.Errorf("%s: %v", path, got)
		}
	}
	byID := data[map[string]object](t, api(tenant, "GET", "proj/search?map=true", ""))
	if len(byID) != 3 || byID[first]["ID"] != first {
		t.Errorf("map=true: %v", byID)
	}
	for name, code := range map[string]string{"optask": "OPTASK", "issue": "OPTASK", "OpTask": "OPTASK", "hour": "HOUR", "USER": "USER"} {
		for _, row := range rows(t, tenant, name+"/search?$$LIMIT=1") {
			if row["objCode"] != code {
				t.Errorf("%s: %v", name, row["objCode"])
			}
		}
	}
}

// column reads one field of each row as text.
func column(all []object, name string) (values []string) {
	for _, row := range all {
		text, _ := row[name].(string)
		values = append(values, text)
	}
	return values
}

func TestSort(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 30})
	reversed := func(a, b string) int { return cmp.Compare(b, a) }
	folded := func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }
	for sort, order := range map[string]func(a, b string) int{
		"name_Sort=asc": cmp.Compare[string], "name_Sort=desc": reversed, "name_Sort=ciasc": folded,
		"name_Sort=cidesc": func(a, b string) int { return folded(b, a) },
	} {
		if names := column(rows(t, tenant, "task/search?$$LIMIT=2000&"+sort), "name"); !slices.IsSortedFunc(names, order) {
			t.Errorf("%s: %q", sort, names)
		}
	}
	for sort, order := range map[string]func(a, b string) int{
		"ID_Sort=asc": cmp.Compare[string], "ID_Sort=desc": reversed, "ID_Sort=asc&status=CPL": cmp.Compare[string], "ID_Sort=desc&status=CPL": reversed,
	} {
		ids := column(rows(t, tenant, "task/search?$$LIMIT=2000&"+sort), "ID")
		if len(ids) < 10 || !slices.IsSortedFunc(ids, order) {
			t.Errorf("%s: %q", sort, ids)
		}
		// Windows of a whole order fit together.
		var pages []string
		for _, first := range []string{"0", "7", "14"} {
			pages = append(pages, column(rows(t, tenant, "task/search?$$LIMIT=7&$$FIRST="+first+"&"+sort), "ID")...)
		}
		if len(ids) > 21 {
			ids = ids[:21]
		}
		if !slices.Equal(pages, ids) {
			t.Errorf("%s: pages %q, whole %q", sort, pages, ids)
		}
	}
	// The order given decides which key comes first, or their numbers do.
	for _, sort := range []string{"status_Sort=desc&ID_Sort=asc", "ID_2_Sort=asc&status_1_Sort=desc"} {
		all := rows(t, tenant, "task/search?$$LIMIT=2000&"+sort)
		if !slices.IsSortedFunc(all, func(a, b object) int {
			return cmp.Or(cmp.Compare(b["status"].(string), a["status"].(string)), cmp.Compare(a["ID"].(string), b["ID"].(string)))
		}) {
			t.Errorf("%s: not in order", sort)
		}
	}
	// Nulls come last, numbers are numbers, references sort by ID, and paths lead to other objects.
	descriptions := column(rows(t, tenant, "proj/search?description_Sort=asc"), "description")
	if i := slices.Index(descriptions, ""); i < 0 || slices.ContainsFunc(descriptions[i:], func(s string) bool { return s != "" }) {
		t.Errorf("nulls: %q", descriptions)
	}
	numbers := rows(t, tenant, "task/search?taskNumber_Sort=asc&$$LIMIT=2000")
	if !slices.IsSortedFunc(numbers, func(a, b object) int { return cmp.Compare(a["taskNumber"].(float64), b["taskNumber"].(float64)) }) {
		t.Error("numbers are not sorted as such")
	}
	if owners := column(rows(t, tenant, "proj/search?ownerID_Sort=asc&fields=ownerID"), "ownerID"); !slices.IsSorted(owners) {
		t.Errorf("references: %q", owners)
	}
	var names []string
	for _, row := range rows(t, tenant, "proj/search?owner:name_Sort=asc&fields=owner:name") {
		names = append(names, row["owner"].(object)["name"].(string))
	}
	if !slices.IsSorted(names) {
		t.Errorf("owner:name: %q", names)
	}
}

// Without a unique sort no order is promised, and none is kept from one request to the next: a client
// that pages so must lose rows here as it would there.
func TestNoPromisedOrder(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 40})
	for _, sort := range []string{"", "&status_Sort=asc", "&status=CPL"} {
		read := func() []string { return column(rows(t, tenant, "task/search?$$LIMIT=2000"+sort), "ID") }
		first, second := read(), read()
		if slices.Equal(first, second) {
			t.Errorf("%q: twice the same order", sort)
		}
		slices.Sort(first)
		slices.Sort(second)
		if !slices.Equal(first, second) || len(slices.Compact(first)) != len(second) {
			t.Errorf("%q: not the same rows", sort)
		}
	}
	seen := make(map[string]bool)
	total := count(t, tenant, "task/count")
	for first := 0; first < total; first += 20 {
		for _, id := range column(rows(t, tenant, fmt.Sprintf("task/search?$$LIMIT=20&$$FIRST=%d", first)), "ID") {
			seen[id] = true
		}
	}
	if len(seen) == total {
		t.Error("paging without a sort saw every row")
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 300})
	for _, test := range []struct {
		query string
		want  int
	}{
		{"", 100}, {"$$LIMIT=7", 7}, {"$$LIMIT=0", 0}, {"$$LIMIT=2000", 300}, {"$$FIRST=250", 50}, {"$$FIRST=300", 0},
		{"$$FIRST=999999", 0}, {"$$FIRST=250&$$LIMIT=2000&ID_Sort=desc", 50}, {"$$FIRST=290&name_Sort=asc", 10},
	} {
		if got := rows(t, tenant, "proj/search?"+test.query); len(got) != test.want {
			t.Errorf("%s: %d rows, want %d", test.query, len(got), test.want)
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	tenant, project := fixture(t)
	got := api(tenant, "GET", "task/report?projectID="+project+"&status_GroupBy=true&ID_AggFunc=dcount&percentComplete_AggFunc=sum&$$ROLLUP=true", "")
	want := `{"data":{"CPL":{"dcount_ID":1,"sum_percentComplete":100,"status":"CPL"},` +
		`"INP":{"dcount_ID":1,"sum_percentComplete":12.5,"status":"INP"},` +
		`"NEW":{"dcount_ID":2,"sum_percentComplete":50,"status":"NEW"},` +
		`"$$ROLLUP":{"dcount_ID":4,"sum_percentComplete":162.5}}}`
	if got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	got = api(tenant, "GET", "task/report?projectID="+project+"&status=NEW&status_1_GroupBy=true&priority_2_GroupBy=true&name_AggFunc=max&priority_AggFunc=min&priority_AggFunc=avg&ID_AggFunc=count&plannedStartDate_AggFunc=min", "")
	want = `{"data":{"NEW":{"1":{"max_name":"Alpha","min_priority":1,"avg_priority":1,"count_ID":1,"min_plannedStartDate":"2026-06-14T23:30:00:000-0700","status":"NEW","priority":1},` +
		`"null":{"max_name":"Alphabet","min_priority":null,"avg_priority":null,"count_ID":1,"min_plannedStartDate":"2026-06-16T00:00:00:000-0700","status":"NEW","priority":null}}}}`
	if got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	if got := api(tenant, "GET", "task/report?status=none&status_GroupBy=true&$$ROLLUP=true&ID_AggFunc=count", ""); got.body != `{"data":{"$$ROLLUP":{"count_ID":0}}}` {
		t.Errorf("of nothing: %s", got.body)
	}
}
