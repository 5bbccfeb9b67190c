package objects_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/objects"
)

func TestSort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name":                             "name_Sort=asc",
		"-percentComplete":                 "percentComplete_Sort=desc",
		"owner:name,-percentComplete,name": "owner:name_1_Sort=asc&percentComplete_2_Sort=desc&name_3_Sort=asc",
	} {
		keys, err := objects.ParseSort(text)
		if got := joined(objects.SortParams(keys)); err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for text, why := range map[string]string{
		"DE:Cost Center": "cannot sort by custom fields", "-project:DE:x": "cannot sort by custom fields", "": "a field is missing", "a,": "a field is missing",
		"a,-a": "once", "--a": "letters and digits", "a b": "letters and digits",
	} {
		_, err := objects.ParseSort(text)
		if m, ok := errors.AsType[*objects.Malformed](err); !ok || !strings.Contains(m.Why, why) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	s, err := objects.ParseSummary("project:name,status", "sum:hours,dcount:ID", true)
	if err != nil {
		t.Fatal(err)
	}
	want := "project:name_1_GroupBy=true&status_2_GroupBy=true&hours_AggFunc=sum&ID_AggFunc=dcount&$$ROLLUP=true"
	if got := joined(s.Params()); got != want {
		t.Error(got)
	}
	if got := s.Aggregates[0].Member() + " " + s.Aggregates[1].Member(); got != "sum_hours dcount_ID" {
		t.Error(got)
	}
	if s, err := objects.ParseSummary("DE:Cost Center", "avg:project:budget", false); err != nil || joined(s.Params()) != "DE:Cost Center_1_GroupBy=true&project:budget_AggFunc=avg" {
		t.Errorf("%v, %v", s, err)
	}
	for text, why := range map[string]string{
		"name|sum:a,avg:a": "one aggregate of a field", "name,name|sum:a": "once", "|sum:a": "a field to group by", "name|": "needs an aggregate",
		"name|hours": "a function, a colon", "name|sum:": "a field is missing", "a b|sum:a": "letters and digits",
	} {
		groups, aggregates, _ := strings.Cut(text, "|")
		_, err := objects.ParseSummary(groups, aggregates, false)
		if m, ok := errors.AsType[*objects.Malformed](err); !ok || !strings.Contains(m.Why, why) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for function, nearest := range map[string]string{"smu": "sum", "mean": "", "counts": "count", "SUM": "sum"} {
		_, err := objects.ParseSummary("name", function+":a", false)
		unknown, ok := errors.AsType[*objects.Unknown](err)
		if !ok || unknown.Kind != objects.KindAggregate || nearest != "" && !slices.Contains(unknown.Nearest, nearest) {
			t.Errorf("%s: %v", function, err)
		}
	}
	known, proj := tenant(t), lookup(t, "proj")
	for text, fails := range map[string]bool{"status|count:ID": false, "owner:name|count:name": false, "statsu|count:ID": true, "status|count:nane": true, "owner:x|count:ID": true} {
		groups, aggregates, _ := strings.Cut(text, "|")
		s, err := objects.ParseSummary(groups, aggregates, false)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Check(proj, known); err != nil != fails {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	fields := func(yield func(string, string) bool) {
		for _, name := range []string{"status", "statusUpdate", "name", "nameAbbreviation", "plannedStartDate", "ID", "percentComplete"} {
			if !yield(name, name) {
				return
			}
		}
	}
	for name, want := range map[string]string{
		"stauts": "status", "STATUS": "status statusUpdate", "stat": "status statusUpdate", "nane": "name", "planned_start_date": "plannedStartDate",
		"percentComplet": "percentComplete", "percntComplete": "percentComplete", "startDate": "plannedStartDate", "di": "ID", "x": "", "": "", "zzz": "",
		"statusUpdates": "statusUpdate status", "naem": "name",
	} {
		if got := strings.Join(objects.Nearest(name, fields), " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	// Of all that a thing is called, the nearest counts.
	pairs := func(yield func(string, string) bool) {
		_ = yield("costly", "a") && yield("costs", "b") && yield("cost", "a")
	}
	if got := strings.Join(objects.Nearest("cost", pairs), " "); got != "a b" {
		t.Error(got)
	}
}

func TestParsePart(t *testing.T) {
	t.Parallel()
	for _, part := range objects.Parts() {
		if err := objects.CheckPart(part); err != nil {
			t.Error(err)
		}
	}
	unknown, ok := errors.AsType[*objects.Unknown](objects.CheckPart("field"))
	if !ok || unknown.Kind != objects.KindPart || unknown.Nearest[0] != "fields" {
		t.Errorf("%v", unknown)
	}
}
