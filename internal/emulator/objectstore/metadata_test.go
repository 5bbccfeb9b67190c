package objectstore_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// described is an object type as its metadata have it.
type described struct {
	Name, Label, ObjCode, URL string
	Fields                    map[string]struct {
		FieldType      string
		Flags          []string
		PossibleValues []struct {
			Label string
			Value any
		}
	}
	References, Collections map[string]struct{ TypeObjCode, FieldType, URL string }
	Custom                  map[string]struct {
		Type       string
		Categories []struct{ ID, Name, ObjCode string }
	}
	Actions map[string]struct {
		Arguments []struct{ Name, Type string }
	}
	Queries    map[string]any
	Operations []string
}

// What metadata say of a type is true of its objects.
func TestMetadataAreTrue(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 40})
	ask(store, "PUT", "proj/"+rows(t, store, "proj/search?status=CUR&$$LIMIT=1")[0]["ID"].(string), "name=Canary") // makes history
	ask(store, "PUT", "proj/"+rows(t, store, "proj/search?status=CUR&$$LIMIT=1")[0]["ID"].(string)+"/share",
		query("accessorObjCode", "USER", "accessorID", store.People(1)[0].ID, "coreAction", "VIEW"))
	all := data[struct{ Objects map[string]described }](t, askAll(store))
	for code := range strings.FieldsSeq("PROJ TASK OPTASK HOUR ASSGN WORK EXPNS TSHET PORT PRGM TMPL TTSK CMPY USER TEAMOB TEAMMB GROUP ROLE CUST NOTE DOCU DOCV ACSRUL JRNLE PTLTAB PTLSEC CTGY PARAM CTGYPA") {
		d := data[described](t, ask(store, "GET", strings.ToLower(code)+"/metadata", ""))
		if d.ObjCode != code || all.Objects[d.Name].ObjCode != code || d.URL != all.Objects[d.Name].URL || !strings.HasSuffix(d.URL, "/v22.0/"+strings.ToLower(code)+"/metadata") {
			t.Errorf("%s: %+v", code, all.Objects[d.Name])
		}
		var fields []string
		for name := range d.Fields {
			fields = append(fields, name)
		}
		for name, relation := range d.References {
			fields = append(fields, name+":ID")
			if d.Fields[name+"ID"].FieldType != "string" {
				t.Errorf("%s: the reference %s has no field", code, name)
			}
			if target := data[described](t, ask(store, "GET", relation.TypeObjCode+"/metadata", "")); target.Name != relation.FieldType || target.URL != relation.URL {
				t.Errorf("%s: %s leads to %+v", code, name, relation)
			}
		}
		for name := range d.Collections {
			fields = append(fields, name+":ID")
		}
		for name := range d.Custom {
			fields = append(fields, "DE:"+name)
		}
		list, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		found := rows(t, store, strings.ToLower(d.Name)+"/search?$$LIMIT=2000&"+query("fields", string(list)))
		if len(found) == 0 {
			t.Errorf("there is no %s", code)
		}
		for _, row := range found {
			for name, f := range d.Fields {
				if !isA(row[name], f.FieldType) {
					t.Fatalf("%s: %s is %v, not %s", code, name, row[name], f.FieldType)
				}
				if len(f.PossibleValues) > 0 && row[name] != nil && !slices.ContainsFunc(f.PossibleValues, func(p struct {
					Label string
					Value any
				}) bool {
					return p.Value == row[name] && p.Label != ""
				}) {
					t.Fatalf("%s: %s is %v, which is none of %v", code, name, row[name], f.PossibleValues)
				}
			}
			for name := range d.References {
				if nested, ok := row[name].(object); ok != (row[name+"ID"] != nil) || ok && nested["ID"] != row[name+"ID"] {
					t.Fatalf("%s: %s is %v, its ID %v", code, name, row[name], row[name+"ID"])
				}
			}
			for name, custom := range d.Custom {
				if !isA(row["DE:"+name], custom.Type) || len(custom.Categories) != 1 || custom.Categories[0].ObjCode != "CTGY" {
					t.Fatalf("%s: DE:%s is %v, not %+v", code, name, row["DE:"+name], custom)
				}
				if form := row["categoryID"]; row["DE:"+name] != nil && form != custom.Categories[0].ID {
					t.Fatalf("%s: DE:%s stands on the form %v, not %v", code, name, form, custom.Categories[0].ID)
				}
			}
		}
		for _, operation := range []struct{ name, method string }{{"add", "POST"}, {"edit", "PUT"}, {"delete", "DELETE"}} {
			got := ask(store, operation.method, code, "")
			if denied := got.refused != nil && strings.HasPrefix(got.refused.Message, "unable to find method"); denied == slices.Contains(d.Operations, operation.name) {
				t.Errorf("%s: operations %v, but %s: %v", code, d.Operations, operation.name, got.refused)
			}
		}
		for name := range d.Queries {
			rows(t, store, code+"/"+name)
		}
		for name := range d.Actions {
			if got := ask(store, "PUT", code+"/"+name, ""); got.refused != nil && strings.Contains(got.refused.Message, "does not support action") {
				t.Errorf("%s: %v", code, got.refused)
			}
		}
	}
	if len(all.Objects) != 29 {
		t.Errorf("%d object types are listed", len(all.Objects))
	}
}

func askAll(store *objectstore.Store) answer {
	body, err := store.Answer(nil, objectstore.Request{Verb: objectstore.Describe, URL: "http://127.0.0.1:4711/attask/api/v22.0/"})
	if err != nil {
		return answer{}
	}
	return answer{body: `{"data":` + string(body) + "}"}
}

// isA says whether a JSON value can be of a field's type; null can be of any.
func isA(v any, fieldType string) bool {
	if v == nil {
		return true
	}
	switch v := v.(type) {
	case float64:
		return fieldType == "double" || fieldType == "int" && v == float64(int(v))
	case bool:
		return fieldType == "boolean"
	case string:
		return fieldType == "string" || fieldType == "date" && len(v) == 10 || fieldType == "dateTime" && len(v) == 28 || fieldType == "double" && strings.Contains(v, ".")
	}
	return false
}

// Enumerated numbers are listed as numbers.
func TestPossibleValues(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	got := ask(store, "GET", "task/metadata", "").body
	for _, part := range []string{`{"label":"Urgent","value":4}`, `{"label":"In Progress","value":"INP"}`} {
		if !strings.Contains(got, part) {
			t.Errorf("no %s in %s", part, got)
		}
	}
}

// A type-ahead field is found by the ID of what it holds, and by no name.
func TestTypeAhead(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 40})
	with := rows(t, store, "proj/search?"+query("DE:Client contact_Mod", "notnull", "fields", "DE:Client contact,parameterValues"))
	if len(with) == 0 || len(with) == 40 {
		t.Fatalf("%d projects", len(with))
	}
	id := with[0]["DE:Client contact"].(string)
	if got := with[0]["parameterValues"].(object)["DE:Client contact"]; got != id {
		t.Errorf("%v, not %s", got, id)
	}
	name := get(t, store, "user", id, "name")["name"].(string)
	found := column(rows(t, store, "proj/search?"+query("DE:Client contact", id)), "ID")
	if !slices.Contains(found, with[0]["ID"].(string)) {
		t.Errorf("not found by %s", id)
	}
	if got := ask(store, "GET", "proj/search?"+query("DE:Client contact", name), ""); got.refused == nil {
		t.Errorf("found by name: %s", got.body)
	}
	free := create(t, store, "user", updates(object{"name": "z", "username": "z"}))
	data[object](t, ask(store, "PUT", "proj/"+with[0]["ID"].(string), updates(object{"DE:Client contact": free})))
	ask(store, "DELETE", "user/"+free, "")
	if got := get(t, store, "proj", with[0]["ID"].(string), "DE:Client contact"); got["DE:Client contact"] != nil {
		t.Errorf("it holds what is gone: %v", got)
	}
}

func TestParameterValues(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 40})
	with, without := 0, 0
	for _, row := range rows(t, store, "task/search?fields=parameterValues,categoryID&$$LIMIT=2000") {
		values := row["parameterValues"].(object)
		if len(values) == 0 {
			without++
		} else if with++; row["categoryID"] == nil {
			t.Errorf("%v", row)
		}
	}
	if with == 0 || without == 0 {
		t.Errorf("%d with, %d without", with, without)
	}
}
