package objects_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/objects"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]objects.Path{
		"name":                   {Field: "name"},
		"owner:name":             {References: []string{"owner"}, Field: "name"},
		"project:portfolio:name": {References: []string{"project", "portfolio"}, Field: "name"},
		"a:b:c:d":                {References: []string{"a", "b", "c"}, Field: "d"},
		"DE:Cost Center":         {Field: "DE:Cost Center"},
		"DE:a:b: c":              {Field: "DE:a:b: c"},
		"project:DE:DE:x":        {References: []string{"project"}, Field: "DE:DE:x"},
		"de:x":                   {References: []string{"de"}, Field: "x"},
	} {
		got, err := objects.ParsePath(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" || got.String() != text {
			t.Errorf("%s: %s: %s", text, got, diff)
		}
	}
	for _, text := range []string{"", " ", "a ", "a b", "a:", ":a", "a::b", "DE:", "a:DE:", "a:b:c:d:e", "$$LIMIT", "a-b", "ä", "a\x00", "*"} {
		if p, err := objects.ParsePath(text); err == nil {
			t.Errorf("%q: %+v", text, p)
		}
	}
	for _, text := range []string{"*", "owner:*", "name"} {
		if _, err := objects.ParseSelection(text); err != nil {
			t.Error(err)
		}
	}
	if _, err := objects.ParseSelection("*:name"); err == nil {
		t.Error("a star in the middle")
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	known, proj := tenant(t), lookup(t, "proj")
	for text, want := range map[string]string{ // the type of the field, "" where nothing is known of it
		"name": "string", "owner:isActive": "boolean", "owner": "User", "DE:Cost Center": "string", "ID": "string", "objCode": "",
		"portfolio:anything": "", "owner:homeGroup:anything": "", "owner:DE:Any": "", "*": "", "owner:*": "", "parameterValues": "",
		"parameterValues:DE:x": "", "tasks:x": "",
	} {
		p, err := objects.ParseSelection(text)
		if err != nil {
			t.Fatal(err)
		}
		f, err := p.Resolve(proj, known)
		if err != nil || want == "" != (f == nil) || f != nil && f.Type != want {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
		if f, err := p.Resolve(proj, nothing); f != nil || err != nil {
			t.Errorf("%s of what is not known: %+v, %v", text, f, err)
		}
	}
	for text, want := range map[string]string{ // → the nearest
		"stauts": "status", "Name": "name", "Planned Completion Date": "", "owner:nane": "owner:name", "onwer:name": "owner",
		"name:name": "", "DE:cost center": "DE:Cost Center", "DE:CostCentre": "DE:Cost Center", "CostCenter": "DE:Cost Center", "owner:Active": "owner:isActive",
		"plannedcompletion": "plannedCompletionDate",
	} {
		p, err := objects.ParsePath(text)
		if err != nil {
			if want != "" {
				t.Error(err)
			}
			continue
		}
		_, err = p.Resolve(proj, known)
		unknown, ok := errors.AsType[*objects.Unknown](err)
		if !ok || unknown.Kind != objects.KindField || want != "" && !slices.Contains(unknown.Nearest, want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestFilterAgainstMetadata(t *testing.T) {
	t.Parallel()
	known, proj := tenant(t), lookup(t, "proj")
	check := func(words ...string) (*objects.Filter, error) {
		f, err := objects.ParseFilter(terms(words...), false)
		if err != nil {
			t.Fatal(err)
		}
		return f, f.Check(proj, known)
	}
	if _, err := check("status=CUR", "--or", "owner:nane~x"); err == nil || err.Error() != "USER has no field nane; nearest: owner:name" {
		t.Error(err)
	}
	if _, err := check("x_Mod=isnull", "AND:1:y=1", "portfolio:z=1"); err != nil {
		t.Errorf("what is taken as it is: %v", err)
	}
	f, err := check("status=CRU", "status!=CUR,DED", "status=CUR:A", "status~x", "status==$$X", "priority=3", "owner:isActive=x", "priority<9", "--or", "priority=4")
	if err != nil {
		t.Error(err)
	}
	var notes []string
	for _, n := range f.Notes(proj, known) {
		notes = append(notes, n.Error())
	}
	if diff := cmp.Diff([]string{
		"status of proj has no value CRU; it has CUR (Current), PLN (Planning), CPL (Complete)",
		"status of proj has no value DED; it has CUR (Current), PLN (Planning), CPL (Complete)",
		"priority of proj has no value 4; it has 0 (None), 3 (High)",
	}, notes); diff != "" {
		t.Error(diff)
	}
	if n := f.Notes(proj, known)[0]; n.Nearest[0] != "CUR" {
		t.Errorf("%v", n.Nearest)
	}
	if f.Notes(proj, nothing) != nil || f.Check(proj, nothing) != nil {
		t.Error("something is said of what is not known")
	}
	f, _ = objects.ParseFilter(terms("owner:homeGroup:x=1", "portfolio:owner:x=1"), false)
	if got := strings.Join(f.Objects(proj, known), " "); got != "PROJ USER GROUP PORT" {
		t.Error(got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	known := tenant(t)
	for message, want := range map[string]struct {
		refused objects.Refused
		nearest string
	}{
		"APIModel V17_0 does not support field statusLabel (Project)":     {objects.Refused{Kind: objects.KindField, Name: "statusLabel", Code: "PROJ"}, "status"},
		"APIModel INTERNAL does not support field projectid (OpTask)":     {objects.Refused{Kind: objects.KindField, Name: "projectid", Code: "OPTASK"}, ""},
		"APIModel V22_0 does not support field emailaddr (User)":          {objects.Refused{Kind: objects.KindField, Name: "emailaddr", Code: "USER"}, "emailAddr"},
		"Invalid custom enum value(s) for field 'Status': ['APV']":        {objects.Refused{Kind: objects.KindValue, Name: "APV", Field: "Status"}, ""},
		"Unknown object type: PROJCT":                                     {objects.Refused{Kind: objects.KindObject, Name: "PROJCT"}, "proj"},
		"APIModel V22_0 does not support action calculatetimeline (PROJ)": {objects.Refused{Kind: objects.KindAction, Name: "calculatetimeline", Code: "PROJ"}, "calculateTimeline"},
		"does not support namedQuery helpdeskQueue (Project)":             {objects.Refused{Kind: objects.KindQuery, Name: "helpdeskQueue", Code: "PROJ"}, "helpDeskQueues"},
		"no such field: 'Cost Centre'":                                    {objects.Refused{Kind: objects.KindField, Name: "DE:Cost Centre"}, "DE:Cost Center"},
	} {
		got, ok := objects.ParseRefusal(message)
		if diff := cmp.Diff(want.refused, got); !ok || diff != "" {
			t.Errorf("%s: %s", message, diff)
			continue
		}
		unknown := got.Explain(lookup(t, "proj"), known)
		if unknown == nil || want.nearest != "" && !slices.Contains(unknown.Nearest, want.nearest) {
			t.Errorf("%s: %v", message, unknown)
		}
		if unknown := got.Explain(lookup(t, "proj"), nothing); unknown == nil || unknown.Name != got.Name {
			t.Errorf("%s without metadata: %v", message, unknown)
		}
	}
	value, _ := objects.ParseRefusal("Invalid custom enum value(s) for field 'Status': ['APV']")
	if text := value.Explain(lookup(t, "proj"), known).Error(); text != "status of proj has no value APV; it has CUR (Current), PLN (Planning), CPL (Complete)" {
		t.Error(text)
	}
	// What the object does have was refused for another reason.
	has, _ := objects.ParseRefusal("APIModel V17_0 does not support field name (Project)")
	if unknown := has.Explain(lookup(t, "proj"), known); unknown != nil {
		t.Error(unknown)
	}
	called, _ := objects.ParseRefusal("does not support action calculateTimeline (PROJ)")
	if unknown := called.Explain(lookup(t, "proj"), known); unknown != nil {
		t.Error(unknown)
	}
	for _, message := range []string{"", "no", "does not support action ", " does not support field ", "no such field: '*'", "no such field: 'x", "Unknown object type: ",
		"Invalid custom enum value(s) for field 'Status'", "You do not have sufficient access to delete this Note"} {
		if r, ok := objects.ParseRefusal(message); ok {
			t.Errorf("%s: %+v", message, r)
		}
	}
}
