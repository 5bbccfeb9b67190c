package objects_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/objects"
)

// projectAnswer and userAnswer have the shape of recorded answers, and a little of everything that may stand in one.
const projectAnswer = `{"data":{"name":"Project","label":"Project","objCode":"PROJ","flags":["REPORTABLE"],"url":"https://acme.example/proj/metadata",
"fields":{
 "ID":{"label":"ID","typeObjCode":null,"fieldType":"string","enumType":null,"url":null},
 "name":{"label":"Name","typeObjCode":null,"fieldType":"string"},
 "status":{"label":"Status","fieldType":"string","enumType":"x","possibleValues":[{"label":"Current","value":"CUR"},{"label":"Planning","value":"PLN"},{"value":"CPL","label":"Complete","more":{}}]},
 "priority":{"label":"Priority","fieldType":"int","possibleValues":[{"label":"None","value":0},{"label":"High","value":3}]},
 "percentComplete":{"flags":["READ_ONLY","PERCENT"],"label":"Percent Complete","fieldType":"double"},
 "isTemplate":{"label":"Is Template","fieldType":"boolean"},
 "plannedCompletionDate":{"label":"Planned Completion Date","fieldType":"dateTime"},
 "description":{"label":"Description","fieldType":"string"},
 "extRefID":{"label":"External Reference ID","fieldType":"string"},
 "tags":{"label":"Tags","fieldType":"string[]"},
 "settings":{"label":"Settings","fieldType":"map"},
 "ownerID":{"flags":["NOT_GROUPABLE"],"label":"Owner ID","fieldType":"string"}},
"references":{"owner":{"label":"Owner","typeObjCode":"USER","fieldType":"User"},"sponsor":{"label":"Sponsor","typeObjCode":"USER","fieldType":"User"},
 "portfolio":{"label":"Portfolio","typeObjCode":"PORT","fieldType":"Portfolio"}},
"collections":{"tasks":{"label":"tasks","typeObjCode":"TASK","fieldType":"Task"}},
"search":{},"custom":{"Cost Center":{"type":"string","categories":[{"ID":"c","name":"n","objCode":"CTGY"}]},"Tab\tand\\":{"type":"double","categories":[]}},
"actions":{"calculateTimeline":{"label":"calculateTimeline"},"attachTemplate":{"arguments":[{"name":"templateID","type":"string"},{"name":"taskIDs","type":"string[]"},{"name":"copy","type":"boolean"}],"resultType":"java.lang.Boolean","label":"attach"}},
"queries":{"helpDeskQueues":{"label":"helpDeskQueues","arguments":[{"name":"limit","type":"int"}]}},
"operations":["add","count","delete","edit","get","report","search"]}}`

const userAnswer = `{"objCode":"USER","name":"User","fields":{"name":{"label":"Name","fieldType":"string"},"emailAddr":{"label":"Email"},
"isActive":{"label":"Active","fieldType":"boolean"},"username":{"label":"Username"}},"references":{"homeGroup":{"typeObjCode":"GROUP"}}}`

func parse(t testing.TB, answer string) *objects.Metadata {
	t.Helper()
	m, err := objects.ParseMetadata([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tenant knows projects and users.
func tenant(t testing.TB) objects.Known {
	project, user := parse(t, projectAnswer), parse(t, userAnswer)
	return func(code string) *objects.Metadata {
		switch code {
		case "PROJ":
			return project
		case "USER":
			return user
		}
		return nil
	}
}

func nothing(string) *objects.Metadata { return nil }

func TestParseMetadata(t *testing.T) {
	t.Parallel()
	m := parse(t, projectAnswer)
	type value = objects.Value
	want := objects.Metadata{Code: "PROJ", Name: "Project", Label: "Project", Flags: []string{"REPORTABLE"}, CustomKnown: true}
	head := *m
	head.Fields, head.Actions, head.Queries, head.Operations = nil, nil, nil, nil
	if diff := cmp.Diff(want, head); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]objects.Field{
		"status":          {Role: objects.Plain, Name: "status", Label: "Status", Type: "string", Values: []value{{"CUR", "Current"}, {"PLN", "Planning"}, {"CPL", "Complete"}}},
		"priority":        {Role: objects.Plain, Name: "priority", Label: "Priority", Type: "int", Values: []value{{"0", "None"}, {"3", "High"}}},
		"percentComplete": {Role: objects.Plain, Name: "percentComplete", Label: "Percent Complete", Type: "double", Flags: []string{"READ_ONLY", "PERCENT"}},
		"owner":           {Role: objects.Reference, Name: "owner", Label: "Owner", Type: "User", Target: "USER"},
		"tasks":           {Role: objects.Collection, Name: "tasks", Label: "tasks", Type: "Task", Target: "TASK"},
		"DE:Cost Center":  {Role: objects.Custom, Name: "DE:Cost Center", Label: "Cost Center", Type: "string"},
		"DE:Tab\tand\\":   {Role: objects.Custom, Name: "DE:Tab\tand\\", Label: "Tab\tand\\", Type: "double"},
	} {
		if diff := cmp.Diff(&want, m.Field(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if len(m.Fields) != 18 || len(m.Operations) != 7 || m.Field("nothing") != nil {
		t.Errorf("%d fields, %d operations", len(m.Fields), len(m.Operations))
	}
	attach := &objects.Call{Name: "attachTemplate", Label: "attach", Result: "java.lang.Boolean",
		Arguments: []objects.Argument{{"templateID", "string"}, {"taskIDs", "string[]"}, {"copy", "boolean"}}}
	if diff := cmp.Diff(attach, m.Action("attachTemplate")); diff != "" {
		t.Error(diff)
	}
	if m.Query("helpDeskQueues") == nil || m.Query("calculateTimeline") != nil {
		t.Error("queries")
	}
	n := 0
	for f := range m.Having(objects.Reference) {
		n++
		if f.Target == "" {
			t.Errorf("%v", f)
		}
	}
	if n != 3 {
		t.Errorf("%d references", n)
	}
}

func TestParseMetadataIsTolerant(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"objCode":"PROJ"}`,
		` {"more":[{"objCode":"X"}],"data":{"objCode":"PROJ","fields":null,"references":[],"collections":7,"actions":"x","queries":{"q":null},"operations":{},"flags":[null,{}],"custom":null}}`,
		`{"data":{"objCode":"PROJ","fields":{"a":null,"b":[],"c":{"possibleValues":null,"flags":"x","label":{}}},"objCode":"PROJ"}}`,
		`{"data":{"objCode":"PROJ","name":"\ud800` + "\xff" + `"}}`,
	} {
		m, err := objects.ParseMetadata([]byte(answer))
		if err != nil || m.Code != "PROJ" || m.CustomKnown {
			t.Errorf("%s: %v", answer, err)
		}
	}
	for _, answer := range []string{
		``, `null`, `[]`, `{}`, `"x"`, `<html>`, `{"data":{}}`, `{"data":null}`, `{"data":{"objCode":null}}`, `{"data":{"objCode":"PROJ"}} x`,
		`{"data":{"objCode":"PROJ"}`, `{"error":{"message":"no"}}`, projectAnswer[:len(projectAnswer)/2], `{"data":{"objCode":"PROJ","fields":{"a":{]}}}`,
	} {
		if m, err := objects.ParseMetadata([]byte(answer)); err == nil {
			t.Errorf("%s: %+v", answer, m)
		}
	}
}

func TestCompactMetadata(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{projectAnswer, userAnswer, `{"objCode":"X"}`} {
		m := parse(t, answer)
		text := m.Compact()
		got, err := objects.ParseCompact(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, got); diff != "" {
			t.Error(diff)
		}
		for i := range text { // whatever happens to a file, it is noticed
			if _, err := objects.ParseCompact(text[:i]); err == nil {
				t.Errorf("cut at %d of %d", i, len(text))
			}
			broken := bytes.Clone(text)
			broken[i] ^= 1
			if _, err := objects.ParseCompact(broken); err == nil {
				t.Errorf("changed at %d", i)
			}
		}
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte(projectAnswer))
	f.Add([]byte(userAnswer))
	f.Fuzz(func(t *testing.T, answer []byte) {
		m, err := objects.ParseMetadata(answer)
		if err != nil {
			return
		}
		got, err := objects.ParseCompact(m.Compact())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, got); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzCompact gives any body a right checksum, as no accident would.
func FuzzCompact(f *testing.F) {
	_, body, _ := strings.Cut(string(parse(f, projectAnswer).Compact()), "\n")
	f.Add(body)
	f.Add("o\tX\t\t\tfalse\np\ta\tb\n")
	f.Fuzz(func(t *testing.T, body string) {
		m, err := objects.ParseCompact([]byte(objects.CompactHead(body) + body))
		if err == nil && m.Code == "" {
			t.Error("no code")
		}
	})
}

// large is an answer of the size of a project's.
func large() []byte {
	var b bytes.Buffer
	b.WriteString(`{"data":{"objCode":"PROJ","fields":{`)
	for i := range 250 {
		fmt.Fprintf(&b, `"field%d":{"flags":["NOT_GROUPABLE"],"label":"Field %d","typeObjCode":null,"targetTypeObjCode":null,"fieldType":"string","enumTargetObjCode":null,"enumType":null,"url":null},`, i, i)
	}
	b.WriteString(`"ID":{}}}}`)
	return b.Bytes()
}

func BenchmarkMetadata(b *testing.B) {
	answer := large()
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			if _, err := objects.ParseMetadata(answer); err != nil {
				b.Fatal(err)
			}
		}
	})
	m, _ := objects.ParseMetadata(answer)
	compact := m.Compact()
	b.Run("compact", func(b *testing.B) {
		for b.Loop() {
			if _, err := objects.ParseCompact(compact); err != nil {
				b.Fatal(err)
			}
		}
	})
}
