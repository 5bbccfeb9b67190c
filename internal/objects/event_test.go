package objects_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/objects"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{"task": "TASK", "Issue": "OPTASK", "PROJ": "PROJ", "document": "DOCU", "Approval_Stage": "approval_stage", "workspace": "WORKSPACE"} {
		if got, err := objects.EventObject(name); got != code || err != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	for _, name := range []string{"tsk", "", "queue", "PORTT"} {
		if got, err := objects.EventObject(name); err == nil {
			t.Errorf("%s: %s", name, got)
		}
	}
	types, err := objects.ParseEventTypes("created, UPDATE,created")
	if diff := cmp.Diff([]objects.EventType{objects.Created, objects.Updated}, types); err != nil || diff != "" || objects.Deleted.Wire() != "DELETE" {
		t.Error(err, diff)
	}
	for _, text := range []string{"", ",", "gone", "updatet"} {
		if types, err := objects.ParseEventTypes(text); err == nil {
			t.Errorf("%q: %v", text, types)
		}
	}
	for text, want := range map[string]objects.EventFilter{
		"status eq CPL":                 {FieldName: "status", Comparison: "eq", FieldValue: "CPL", State: "newState"},
		"name contains a  b ":           {FieldName: "name", Comparison: "contains", FieldValue: "a  b", State: "newState"},
		"DE:Cost Center notcontains eq": {FieldName: "DE:Cost Center", Comparison: "notContains", FieldValue: "eq", State: "newState"},
		"status changed":                {FieldName: "status", Comparison: "changed", State: "newState"},
		"eq eq eq":                      {FieldName: "eq", Comparison: "eq", FieldValue: "eq", State: "newState"},
	} {
		got, err := objects.ParseEventFilter(text, objects.Updated)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", text, err, diff)
		}
		if got, _ := objects.ParseEventFilter(text, objects.Deleted); got.State != "oldState" {
			t.Errorf("%s, of what was deleted: %s", text, got.State)
		}
	}
	for text, why := range map[string]string{"": "OP is eq ne", "status": "OP is", "status eq": "has no value", "status changed x": "has no value", "eq CPL": "OP is", "status is CPL": "no operator is"} {
		if _, err := objects.ParseEventFilter(text, objects.Updated); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
