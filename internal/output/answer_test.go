package output

import (
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

func TestRows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want []jsontext.Value
	}{
		"search":           {` {"data":[{"ID":"a","n":1.50}, {"ID":"b"}]}` + "\n", values(`{"ID":"a","n":1.50}`, `{"ID":"b"}`)},
		"none found":       {`{"data":[]}`, nil},
		"get":              {`{"data":{"ID":"a","owner":{"ID":"b"}}}`, values(`{"ID":"a","owner":{"ID":"b"}}`)},
		"a handle":         {`{"data":{"handle":"x"}}`, values(`{"handle":"x"}`)},
		"null":             {`{"data":null}`, nil},
		"nothing":          {`{"data":{}}`, nil},
		"an array":         {`[{"a":1}]`, values(`{"a":1}`)},
		"data comes twice": {`{"data":[{"a":1}],"d\u0061ta":[{"a":2}]}`, values(`{"a":2}`)},
		"with more":        {`{"total":1,"data":[{"a":1}],"$$ROLLUP":{}}`, values(`{"a":1}`)},
		"counts in rows":   {`{"data":[{"count":1}]}`, values(`{"count":1}`)},
	} {
		got, err := Rows([]byte(test.body), Keys{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(Answer{Rows: test.want}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, body := range []string{
		"", "<html>", "12", `"x"`, `{"data":"x"}`, `{"data":[`, `{"data":[}`, `{"data":[]`, `{"data":[]}{`, `{"data":[]}]`, `[{"a":1},`,
		`{"data":["a","b"]}`, `{"data":[{"a":1},2]}`, `{"data":{"a":{`,
	} {
		if answer, err := Rows([]byte(body), Keys{}); err == nil {
			t.Errorf("Rows(%q) = %q", body, answer.Rows)
		}
	}
}

// What is one result is refused as rows, and the error knows how to print it.
func TestResultsAreNoRows(t *testing.T) {
	t.Parallel()
	for body, path := range map[string]string{
		`{"data":{"count":147}}`:                          ".data.count",
		`{"count":42}`:                                    ".count",
		`{"data":{"success":true}}`:                       ".data.success",
		`{"data":{"result":null}}`:                        ".data.result",
		`{"data":{"result":{"PAVL":{"a":1},"AVL":{}}}}`:   ".data.result",
		`{"data":{"result":[{"ID":"a"}]}}`:                ".data.result",
		`{"data":{"r\u0065sult":"a56583cd42fd98eb70d2"}}`: ".data.result",
	} {
		_, err := Rows([]byte(body), Keys{})
		if e, ok := errors.AsType[*NoRowsError](err); !ok || e.Path != path {
			t.Errorf("%s: %v, want one that names %s", body, err, path)
		}
	}
}
