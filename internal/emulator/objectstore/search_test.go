package objectstore_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

func TestSort(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 30})
	reversed := func(a, b string) int { return cmp.Compare(b, a) }
	folded := func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }
	for sort, order := range map[string]func(a, b string) int{
		"name_Sort=asc": cmp.Compare[string], "name_Sort=desc": reversed, "name_Sort=ciasc": folded,
		"name_Sort=cidesc": func(a, b string) int { return folded(b, a) },
	} {
		if names := column(rows(t, store, "task/search?$$LIMIT=2000&"+sort), "name"); !slices.IsSortedFunc(names, order) {
			t.Errorf("%s: %q", sort, names)
		}
	}
	for sort, order := range map[string]func(a, b string) int{
		"ID_Sort=asc": cmp.Compare[string], "ID_Sort=desc": reversed, "ID_Sort=asc&status=CPL": cmp.Compare[string], "ID_Sort=desc&status=CPL": reversed,
	} {
		ids := column(rows(t, store, "task/search?$$LIMIT=2000&"+sort), "ID")
		if len(ids) < 10 || !slices.IsSortedFunc(ids, order) {
			t.Errorf("%s: %q", sort, ids)
		}
		// Windows of a whole order fit together.
		var pages []string
		for _, first := range []string{"0", "7", "14"} {
			pages = append(pages, column(rows(t, store, "task/search?$$LIMIT=7&$$FIRST="+first+"&"+sort), "ID")...)
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
		all := rows(t, store, "task/search?$$LIMIT=2000&"+sort)
		if !slices.IsSortedFunc(all, func(a, b object) int {
			return cmp.Or(cmp.Compare(b["status"].(string), a["status"].(string)), cmp.Compare(a["ID"].(string), b["ID"].(string)))
		}) {
			t.Errorf("%s: not in order", sort)
		}
	}
	// Nulls come last, numbers are numbers, references sort by ID, and paths lead to other objects.
	descriptions := column(rows(t, store, "proj/search?description_Sort=asc&fields=description"), "description")
	if i := slices.Index(descriptions, ""); i <= 0 || slices.ContainsFunc(descriptions[i:], func(s string) bool { return s != "" }) {
		t.Errorf("nulls: %q", descriptions)
	}
	numbers := rows(t, store, "task/search?taskNumber_Sort=asc&$$LIMIT=2000")
	if !slices.IsSortedFunc(numbers, func(a, b object) int { return cmp.Compare(a["taskNumber"].(float64), b["taskNumber"].(float64)) }) {
		t.Error("numbers are not sorted as such")
	}
	if owners := column(rows(t, store, "proj/search?ownerID_Sort=asc&fields=ownerID"), "ownerID"); !slices.IsSorted(owners) {
		t.Errorf("references: %q", owners)
	}
	var names []string
	for _, row := range rows(t, store, "proj/search?owner:name_Sort=asc&fields=owner:name") {
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
	store := objectstore.New(objectstore.Options{Projects: 40})
	for _, sort := range []string{"", "&status_Sort=asc", "&status=CPL"} {
		read := func() []string { return column(rows(t, store, "task/search?$$LIMIT=2000"+sort), "ID") }
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
	for range 30 {
		ids := column(rows(t, store, "proj/search"), "ID")
		slices.Sort(ids)
		if n := len(slices.Compact(ids)); n != 40 {
			t.Fatalf("%d of 40 projects", n)
		}
	}
	seen := make(map[string]bool)
	total := count(t, store, "task/count")
	for first := 0; first < total; first += 20 {
		for _, id := range column(rows(t, store, fmt.Sprintf("task/search?$$LIMIT=20&$$FIRST=%d", first)), "ID") {
			seen[id] = true
		}
	}
	if len(seen) == total {
		t.Error("paging without a sort saw every row")
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 300})
	for _, test := range []struct {
		query string
		want  int
	}{
		{"", 100}, {"$$LIMIT=7", 7}, {"$$LIMIT=0", 0}, {"$$LIMIT=2000", 300}, {"$$FIRST=250", 50}, {"$$FIRST=300", 0},
		{"$$FIRST=999999", 0}, {"$$FIRST=250&$$LIMIT=2000&ID_Sort=desc", 50}, {"$$FIRST=290&name_Sort=asc", 10},
	} {
		if got := rows(t, store, "proj/search?"+test.query); len(got) != test.want {
			t.Errorf("%s: %d rows, want %d", test.query, len(got), test.want)
		}
	}
}
