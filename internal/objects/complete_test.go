package objects_test

import (
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/objects"
)

func texts(all []objects.Candidate) string {
	var words []string
	for _, c := range all {
		words = append(words, c.Text)
	}
	return strings.Join(words, " ")
}

func TestComplete(t *testing.T) {
	t.Parallel()
	known, proj, work := tenant(t), lookup(t, "proj"), lookup(t, "work")
	m := known("PROJ")
	for what, pair := range map[string][2]string{
		"objects":                {texts(objects.CompleteObjects("pro")), "proj proof"},
		"objects, upper case":    {texts(objects.CompleteObjects("PROJ")), "proj"},
		"objects by name":        {texts(objects.CompleteObjects("proje")), "project projectuser projectuserrole"},
		"issue":                  {texts(objects.CompleteObjects("iss")), "issdef issue"},
		"verbs":                  {texts(objects.CompleteVerbs("co", proj, nil)), "count copy"},
		"verbs of work":          {texts(objects.CompleteVerbs("", work, nil)), "search get count report query describe action"},
		"actions":                {texts(objects.CompleteActions("c", proj, m)), "calculateDataExtension calculateFinance calculateTimeline createProjectWithOverride"},
		"actions alone":          {texts(objects.CompleteActions("sh", proj, nil)), "share sharePublic"},
		"queries":                {texts(objects.CompleteQueries("h", proj, m)), "helpDeskQueues"},
		"arguments":              {texts(objects.CompleteArguments("t", m.Action("attachTemplate"))), "templateID= taskIDs="},
		"arguments of nothing":   {texts(objects.CompleteArguments("t", nil)), ""},
		"fields":                 {texts(objects.CompletePath("p", proj, known)), "priority percentComplete plannedCompletionDate portfolio:"},
		"fields of a reference":  {texts(objects.CompletePath("owner:na", proj, known)), "owner:name"},
		"all of a reference":     {texts(objects.CompletePath("owner:", proj, known)), "owner:name owner:emailAddr owner:isActive owner:username owner:homeGroup:"},
		"custom fields":          {texts(objects.CompletePath("DE:C", proj, known)), "DE:Cost Center"},
		"of what is not known":   {texts(objects.CompletePath("portfolio:n", proj, known)), ""},
		"of a plain field":       {texts(objects.CompletePath("name:n", proj, known)), ""},
		"without metadata":       {texts(objects.CompletePath("n", proj, nothing)), ""},
		"a list of fields":       {texts(objects.CompleteFields("name,owner:na", proj, known)), "name,owner:name"},
		"sort":                   {texts(objects.CompleteSort("name,-per", proj, known)), "name,-percentComplete"},
		"no sort by custom":      {texts(objects.CompleteSort("DE", proj, known)), ""},
		"aggregates":             {texts(objects.CompleteAggregates("sum:a,s", proj, known)), "sum:a,sum: sum:a,std:"},
		"fields of aggregates":   {texts(objects.CompleteAggregates("sum:per", proj, known)), "sum:percentComplete"},
		"filter":                 {texts(objects.CompleteFilter("desc", proj, known)), "description"},
		"operators":              {texts(objects.CompleteFilter("description", proj, known)), "description= description!= description~ description!~ description== description!=="},
		"operators of numbers":   {texts(objects.CompleteFilter("percentComplete", proj, known)), "percentComplete= percentComplete!= percentComplete< percentComplete<= percentComplete> percentComplete>="},
		"operators of an enum":   {texts(objects.CompleteFilter("status", proj, known)), "status= status!="},
		"operators in an object": {texts(objects.CompleteFilter("owner:isActive", proj, known)), "owner:isActive= owner:isActive!="},
		"values":                 {texts(objects.CompleteFilter("status=", proj, known)), "status=CUR status=PLN status=CPL"},
		"values of a list":       {texts(objects.CompleteFilter("status!=CUR,P", proj, known)), "status!=CUR,PLN"},
		"truth":                  {texts(objects.CompleteFilter("owner:isActive=", proj, known)), "owner:isActive=true owner:isActive=false"},
		"no values":              {texts(objects.CompleteFilter("status~C", proj, known)), ""},
		"no values of text":      {texts(objects.CompleteFilter("name=", proj, known)), ""},
		"assignment":             {texts(objects.CompleteAssignment("p", proj, known)), "priority= plannedCompletionDate= portfolio:="},
		"assigned values":        {texts(objects.CompleteAssignment("status=C", proj, known)), "status=CUR status=CPL"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s:\n got %s\nwant %s", what, pair[0], pair[1])
		}
	}
	if n := len(objects.CompleteObjects("")); n != 175 {
		t.Errorf("%d objects", n)
	}
	for _, c := range objects.CompletePath("owner", proj, known) {
		if c.More != strings.HasSuffix(c.Text, ":") {
			t.Errorf("%+v", c)
		}
	}
}

// A path does not go deeper than Workfront follows it.
func TestCompleteDepth(t *testing.T) {
	t.Parallel()
	m := parse(t, `{"objCode":"PROJ","fields":{"name":{}},"references":{"parent":{"typeObjCode":"PROJ"}}}`)
	known := func(string) *objects.Metadata { return m }
	if got := texts(objects.CompletePath("parent:parent:", lookup(t, "proj"), known)); got != "parent:parent:name parent:parent:parent:" {
		t.Error(got)
	}
	if got := texts(objects.CompletePath("parent:parent:parent:", lookup(t, "proj"), known)); got != "parent:parent:parent:name" {
		t.Error(got)
	}
}

// FuzzComplete: what is offered begins with what was typed, but for the case of an object.
func FuzzComplete(f *testing.F) {
	for _, seed := range []string{"", "owner:na", "status=C", "name,-p", "sum:a,", "DE:", "a::b", "=", "owner:DE:"} {
		f.Add(seed)
	}
	known, proj := tenant(f), lookup(f, "proj")
	f.Fuzz(func(t *testing.T, word string) {
		for _, complete := range []func(string, objects.Object, objects.Known) []objects.Candidate{
			objects.CompletePath, objects.CompleteFields, objects.CompleteSort, objects.CompleteAggregates, objects.CompleteFilter, objects.CompleteAssignment,
		} {
			for _, c := range complete(word, proj, known) {
				if !strings.HasPrefix(c.Text, word) {
					t.Errorf("%q becomes %q", word, c.Text)
				}
			}
		}
	})
}

func BenchmarkCompleteObjects(b *testing.B) {
	for b.Loop() {
		objects.CompleteObjects("pro")
	}
}
