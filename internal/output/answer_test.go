package output

import (
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
		"count":            {`{"data":{"count":147}}`, values(`{"count":147}`)},
		"map=true":         {`{"data":{"a":{"ID":"a"},"b":{"ID":"b"}}}`, values(`{"ID":"a"}`, `{"ID":"b"}`)},
		"no data":          {`{"count":42}`, values(`{"count":42}`)},
		"null":             {`{"data":null}`, nil},
		"nothing":          {`{"data":{}}`, nil},
		"an array":         {`[{"a":1}]`, values(`{"a":1}`)},
		"data comes twice": {`{"data":[{"a":1}],"d\u0061ta":[{"a":2}]}`, values(`{"a":2}`)},
		"with more":        {`{"total":1,"data":[{"a":1}],"$$ROLLUP":{}}`, values(`{"a":1}`)},
	} {
		got, err := Rows([]byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, body := range []string{"", "<html>", "12", `"x"`, `{"data":"x"}`, `{"data":[`, `{"data":[}`, `{"data":[]`, `{"data":[]}{`, `{"data":[]}]`, `[{"a":1},`} {
		if rows, err := Rows([]byte(body)); err == nil {
			t.Errorf("Rows(%q) = %q", body, rows)
		}
	}
}
