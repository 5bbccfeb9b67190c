package objects_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/objects"
)

func lookup(t testing.TB, name string) objects.Object {
	t.Helper()
	o, err := objects.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCatalogueIsTheMetadataList(t *testing.T) {
	t.Parallel()
	var got [][3]string
	for o := range objects.All() {
		got = append(got, [3]string{o.Code, o.Name, o.Label})
	}
	if diff := cmp.Diff(listed[:], got); diff != "" {
		t.Error(diff)
	}
	if len(got) != 174 {
		t.Errorf("%d objects", len(got))
	}
}

// What the OpenAPI description of v19 has, but for login, logout, session and info: each method and path once, with the code
// in place of the long name and {id} for an ID, sorted, each with a line end.
const (
	operationCount = 1516
	operationSum   = "99acccd072959da58bfcdbaa5eb78d0c9e0e67399fcac56584e77eecb4b8666c"
)

func TestOperationsAreThoseOfTheOpenAPI(t *testing.T) {
	t.Parallel()
	var all []string
	for o := range objects.All() {
		for _, e := range o.Operations() {
			all = append(all, e.Method+" "+e.Path)
		}
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "\n") + "\n"))
	if len(all) != operationCount || hex.EncodeToString(sum[:]) != operationSum {
		t.Errorf("%d operations, sum %x", len(all), sum)
	}
}

// Every request for every object and verb has a method and path of the description. Two do not: the metadata, which it leaves
// out, and an action with the ID in its path, which clients send though it describes that for sharing only.
func TestRequestsAreDocumented(t *testing.T) {
	t.Parallel()
	const id = "{id}"
	for o := range objects.All() {
		if !o.Documented() {
			continue
		}
		var documented []objects.Endpoint
		for _, e := range o.Operations() {
			e.Path = strings.ReplaceAll(e.Path, "{id}", "%7Bid%7D")
			documented = append(documented, e)
		}
		check := func(verb, name, id string) {
			if e := o.Request(verb, name, id); !slices.Contains(documented, e) {
				t.Errorf("%s %s %s: %v", o.Code, verb, name, e)
			}
		}
		for _, verb := range o.Verbs(nil) {
			switch verb {
			case objects.Describe, objects.Upsert, objects.Upload, objects.Download:
			case objects.Query:
				for _, name := range o.Queries() {
					check(verb, name, "")
				}
			case objects.Action:
				for _, name := range o.Actions() {
					check(verb, name, "")
				}
			case objects.Update, objects.Delete:
				check(verb, "", id)
				check(verb, "", "")
			default:
				check(verb, "", "")
			}
		}
	}
	proj := lookup(t, "proj")
	if got := proj.Request(objects.Action, "share", "../x"); got != (objects.Endpoint{Method: "PUT", Path: "proj/..%2Fx/share"}) {
		t.Error(got)
	}
	if got := proj.Request(objects.Describe, "", ""); got != (objects.Endpoint{Method: "GET", Path: "proj/metadata"}) {
		t.Error(got)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{
		"proj": "PROJ", "PROJ": "PROJ", "project": "PROJ", "PROJECT": "PROJ", "Project": "PROJ", "issue": "OPTASK", "Issue": "OPTASK",
		"optask": "OPTASK", "team": "TEAMOB", "teamob": "TEAMOB", "financialdata": "FINDAT", "work": "WORK",
	} {
		if o, err := objects.Lookup(name); err != nil || o.Code != code {
			t.Errorf("%s: %v, %v", name, o.Code, err)
		}
	}
	for _, want := range listed { // no name of one is the code of another
		for _, name := range want[:2] {
			if o, err := objects.Lookup(strings.ToLower(name)); err != nil || o.Code != want[0] {
				t.Errorf("%s: %v, %v", name, o.Code, err)
			}
		}
	}
	for name, nearest := range map[string]string{
		"projct": "proj", "projects": "proj", "porject": "proj", "Job Role": "role", "dashboard": "ptltab", "isue": "optask", "issues": "optask",
		"taks": "task", "usre": "user", "hours": "hour", "documents": "docu", "time off": "resvt",
	} {
		_, err := objects.Lookup(name)
		unknown, ok := errors.AsType[*objects.Unknown](err)
		if !ok || unknown.Kind != objects.KindObject || unknown.Name != name || !slices.Contains(unknown.Nearest, nearest) {
			t.Errorf("%s: %v, want %s", name, err, nearest)
		}
	}
	for _, name := range []string{"", " ", "zzzzzz", strings.Repeat("x", 1<<20), "\xff\x00"} {
		if _, err := objects.Lookup(name); err == nil {
			t.Errorf("found %.20q", name)
		}
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, o := range objects.Matching("Job role") {
		codes = append(codes, o.Code)
	}
	if diff := cmp.Diff([]string{"ROLE"}, codes); diff != "" {
		t.Error(diff)
	}
	if n := len(objects.Matching("")); n != 174 {
		t.Errorf("%d objects", n)
	}
}

func TestVerbs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"proj":   "search get count report query describe create update upsert delete copy action",
		"docu":   "search get count report query describe create update upsert delete copy action upload download",
		"work":   "search get count report query describe action",
		"nonwkd": "search get count report query describe create update upsert delete copy action", // nothing is known
		"avatar": "get query describe create update delete copy action",
		"actlog": "search get count query describe action",
	} {
		if got := strings.Join(lookup(t, name).Verbs(nil), " "); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	// What the tenant says counts, too.
	m := &objects.Metadata{Code: "ACTLOG", Operations: []string{"report", "add"}}
	if got := strings.Join(lookup(t, "actlog").Verbs(m), " "); got != "search get count report describe create copy" {
		t.Error(got)
	}
	for verb, nearest := range map[string]string{"serch": "search", "list": "", "cuont": "count", "descr": "describe"} {
		err := lookup(t, "proj").Verb(verb, nil)
		unknown, ok := errors.AsType[*objects.Unknown](err)
		if !ok || unknown.Kind != objects.KindVerb || nearest != "" && !slices.Contains(unknown.Nearest, nearest) {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if err := lookup(t, "work").Verb(objects.Delete, nil); err == nil {
		t.Error("work can be deleted")
	}
	if !lookup(t, "nonwkd").Secondary() || lookup(t, "proj").Secondary() {
		t.Error("secondary")
	}
}

func TestActionsAndQueries(t *testing.T) {
	t.Parallel()
	task, work := lookup(t, "task"), lookup(t, "work")
	m := &objects.Metadata{Actions: []objects.Call{{Name: "newOne"}}, Queries: []objects.Call{{Name: "newQuery"}}}
	for _, name := range []string{"markDone", "share", "newOne"} {
		if err := task.Action(name, m); err != nil {
			t.Error(err)
		}
	}
	if err := task.Action("anything", nil); err != nil {
		t.Errorf("without metadata: %v", err)
	}
	unknown, ok := errors.AsType[*objects.Unknown](task.Action("markdone", m))
	if !ok || unknown.Nearest[0] != "markDone" {
		t.Errorf("%v", unknown)
	}
	unknown, ok = errors.AsType[*objects.Unknown](work.Query("mywork", m))
	if !ok || unknown.Nearest[0] != "myWork" || unknown.In != "work" {
		t.Errorf("%v", unknown)
	}
	if err := work.Query("newQuery", m); err != nil {
		t.Error(err)
	}
	arguments := &objects.Call{Name: "move", Arguments: []objects.Argument{{Name: "projectID"}, {Name: "options"}}}
	unknown, ok = errors.AsType[*objects.Unknown](arguments.Check("projectId"))
	if !ok || unknown.Nearest[0] != "projectID" || arguments.Check("options") != nil || arguments.Check("ID") != nil {
		t.Errorf("%v", unknown)
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, name := range []string{"ack", "PROJ", "WorkItem", "issue"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := objects.Lookup(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("unknown", func(b *testing.B) {
		for b.Loop() {
			if _, err := objects.Lookup("projct"); err == nil {
				b.Fatal("found")
			}
		}
	})
}
