package objects_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/objects"
)

func TestAmong(t *testing.T) {
	t.Parallel()
	got, err := objects.Among("DE:Cost Center", []string{"a,b", "$$x", "..", ""})
	want := []objects.Param{
		{Key: "DE:Cost Center", Value: "a,b"}, {Key: "DE:Cost Center", Value: "$$x"}, {Key: "DE:Cost Center", Value: ".."},
		{Key: "DE:Cost Center", Value: ""}, {Key: "DE:Cost Center_Mod", Value: "in"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got, _ := objects.Among("username", []string{"x"}); len(got) != 1 || got[0].Key != "filters" {
		t.Errorf("a name that would log in: %v", got)
	}
	if _, err := objects.Among("", nil); err == nil {
		t.Error("no field")
	}
}

// To what a server cuts the moment of an entry is not known: the beginning is that of the minute, or of the day before.
func TestEnteredByMe(t *testing.T) {
	t.Parallel()
	field := func(kind string) *objects.Metadata {
		return &objects.Metadata{Code: "TASK", Fields: []objects.Field{{Role: objects.Plain, Name: "enteredByID"}, {Role: objects.Plain, Name: "entryDate", Type: kind}}}
	}
	since := time.Date(2026, 12, 24, 17, 3, 59, 7e6, time.FixedZone("", 3600))
	mine := objects.Param{Key: "enteredByID", Value: "$$USER.ID"}
	for _, c := range []struct {
		m     *objects.Metadata
		until time.Time
		want  []objects.Param
	}{
		{field("dateTime"), time.Time{}, []objects.Param{mine, {Key: "entryDate", Value: "2026-12-24T16:03:00:000+0000"}, {Key: "entryDate_Mod", Value: "gte"}}},
		{field("dateTime"), since.Add(time.Hour), []objects.Param{mine, {Key: "entryDate", Value: "2026-12-24T16:03:00:000+0000"},
			{Key: "entryDate_Range", Value: "2026-12-24T17:03:59:007+0000"}, {Key: "entryDate_Mod", Value: "between"}}},
		{field("date"), time.Time{}, []objects.Param{mine, {Key: "entryDate", Value: "2026-12-23T16:03:00:000+0000"}, {Key: "entryDate_Mod", Value: "gte"}}},
		{nil, time.Time{}, nil},
		{&objects.Metadata{Code: "TASK"}, time.Time{}, nil},
	} {
		if diff := cmp.Diff(c.want, objects.EnteredByMe(c.m, since, c.until)); diff != "" {
			t.Error(diff)
		}
	}
}

// What was written is asked back: itself, or of objects in it what was written of them.
func TestAskedBack(t *testing.T) {
	t.Parallel()
	m := parse(t, projectAnswer)
	for _, c := range []struct {
		name, sent string
		want       []string
	}{
		{"name", `"x"`, []string{"name"}},
		{"tasks", `[{"name":"a","status":"NEW"},{"ID":"1","assignments":[]}]`, []string{"tasks:name", "tasks:status", "tasks:ID"}},
		{"tasks", `null`, []string{"tasks"}},
		{"owner", `{"ID":"1"}`, []string{"owner:ID"}},
		{"tags", `["a"]`, []string{"tags"}},
	} {
		if diff := cmp.Diff(c.want, m.AskedBack(c.name, []byte(c.sent))); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
