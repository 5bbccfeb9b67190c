package workfront

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParameters(t *testing.T) {
	t.Parallel()
	r := Request{Path: "proj/search?fields=b%3Aname,%20c&x", Fields: []Field{{"fields", `["d","e"]`}, {"fields", ""}}}
	parameters, err := r.Parameters()
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{{"fields", "b:name, c"}, {"x", ""}, {"fields", `["d","e"]`}, {"fields", ""}}
	if diff := cmp.Diff(want, parameters); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"b:name", "c", "d", "e"}, NamedFields(parameters)); diff != "" {
		t.Error(diff)
	}
	if _, err := (Request{Path: "proj?a=%"}).Parameters(); err == nil {
		t.Error("a query that cannot be read is read")
	}
}

func TestGroupNames(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"project:name_1_GroupBy=true":                         "project:name",
		"status_GroupBy=true":                                 "status",
		"b_2_GroupBy=true&a_1_GroupBy=true":                   "a,b",
		"b_10_GroupBy=true&a_9_GroupBy=TRUE&c_GroupBy=true":   "c,a,b",
		"DE:Cost_center_1_GroupBy=true":                       "DE:Cost_center",
		"b_GroupBy=true&a_GroupBy=true":                       "b,a",
		"a_GroupBy=false&hours_AggFunc=sum&_x=1&status=a":     "",
		"DE%3ARegion_1_GroupBy=true&entryDate_2_GroupBy=true": "DE:Region,entryDate",
	} {
		parameters, err := splitQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(GroupNames(parameters), ","); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		r    Request
		want bool
	}{
		{Request{Path: "proj/count"}, false},
		{Request{Path: "proj/count", Method: "get"}, false},
		{Request{Path: "proj/search?method=delete"}, true},
		{Request{Path: "proj/1/move", Fields: []Field{{"action", "x"}}}, true},
		{Request{Path: "proj/1", Method: "delete"}, true},
		{Request{Path: "proj", Input: strings.NewReader("{}")}, true},
		{Request{Path: "proj/search", Method: "POST", Fields: []Field{{"method", "GET"}}}, false},
		{Request{Path: "proj?%"}, true},
	} {
		if got := test.r.Changes(); got != test.want {
			t.Errorf("%s %s %v: %v", test.r.Method, test.r.Path, test.r.Fields, got)
		}
	}
}
