package objectstore_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// object is any Workfront object.
type object = map[string]any

// answer is what a request came back with.
type answer struct {
	body    string // in the envelope of the API
	refused *objectstore.Refusal
}

// noon is when everything in these tests is asked: 15 June 2026, 05:00 in the tenant's zone.
func noon() time.Time { return time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC) }

// ask asks as the first user, of what the API would have in the place of path and form.
func ask(store *objectstore.Store, method, path, form string) answer {
	path, search, _ := strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	r := objectstore.Request{
		Object: parts[0], Params: append(params(search), params(form)...),
		UserID: store.People(1)[0].ID, Now: noon(), Version: 22, Model: "V22_0", URL: "http://127.0.0.1:4711/attask/api/v22.0/",
	}
	r.Verb = map[string]objectstore.Verb{
		"GET": objectstore.Get, "POST": objectstore.Create, "PUT": objectstore.Edit, "DELETE": objectstore.Delete,
	}[method]
	for _, part := range parts[1:] {
		switch {
		case part == "search":
			r.Verb = objectstore.Search
		case part == "count":
			r.Verb = objectstore.Count
		case part == "report":
			r.Verb = objectstore.Report
		case part == "metadata":
			r.Verb = objectstore.Describe
		case objectstore.IsID(part):
			r.ID = part
		case method == "GET":
			r.Verb, r.Name = objectstore.Query, part
		default:
			r.Verb, r.Name = objectstore.Act, part
		}
	}
	body, err := store.Answer(nil, r)
	if refused, ok := errors.AsType[*objectstore.Refusal](err); ok {
		return answer{refused: refused}
	}
	return answer{body: `{"data":` + string(body) + "}"}
}

func params(raw string) (p objectstore.Params) {
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name, _ = url.QueryUnescape(name); name != "" {
			value, _ = url.QueryUnescape(value)
			p = append(p, objectstore.Param{Name: name, Value: value})
		}
	}
	return p
}

// query builds the parameters of a request from pairs.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return q.Encode()
}

// data reads the data of an answer.
func data[T any](t *testing.T, a answer) T {
	t.Helper()
	if a.refused != nil {
		t.Fatalf("refused: %v", a.refused)
	}
	var envelope struct{ Data *T }
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil || envelope.Data == nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return *envelope.Data
}

// rows gets the list that a GET of path answers.
func rows(t *testing.T, store *objectstore.Store, path string) []object {
	t.Helper()
	return data[[]object](t, ask(store, "GET", path, ""))
}

// count gets the number that a count answers.
func count(t *testing.T, store *objectstore.Store, path string) int {
	t.Helper()
	return data[struct{ Count int }](t, ask(store, "GET", path, "")).Count
}

// column reads one field of each row as text.
func column(all []object, name string) (values []string) {
	for _, row := range all {
		text, _ := row[name].(string)
		values = append(values, text)
	}
	return values
}

// create makes an object and returns its ID.
func create(t *testing.T, store *objectstore.Store, object, form string) string {
	t.Helper()
	return data[map[string]any](t, ask(store, "POST", object, form))["ID"].(string)
}
