package output

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a row stands under becomes its first members, and the first columns.
func TestKeys(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		keys Keys
		want string // the keys, then each row
	}{
		"a report": {
			`{"data":{"First":{"sum_hours":15},"Second \u00e9":{"sum_hours":1.50}}}`, Keys{1, []string{"project:name"}},
			`project:name|{"project:name":"First","sum_hours":15}|{"project:name":"Second \u00e9","sum_hours":1.50}`,
		},
		"rows with their group": {
			`{"data":{"5":{"count_ID":2,"priority": 5},"null":{"count_ID":1,"priority":null}}}`, Keys{1, []string{"priority"}},
			`priority|{"priority":5,"count_ID":2}|{"priority":null,"count_ID":1}`,
		},
		"two levels": {
			`{"data":{"A":{"B":{"n":1},"C":{"n":2}},"D":{"B":{"n":3}}}}`, Keys{2, []string{"x", "y"}},
			`x,y|{"x":"A","y":"B","n":1}|{"x":"A","y":"C","n":2}|{"x":"D","y":"B","n":3}`,
		},
		"roll-ups on each level": {
			`{"data":{"A":{"B":{"n":1},"$$ROLLUP":{"n":1}},"$$ROLLUP":{"n":1}}}`, Keys{2, []string{"x", "y"}},
			`x,y|{"x":"A","y":"B","n":1}|{"x":"A","y":"$$ROLLUP","n":1}|{"x":"$$ROLLUP","y":null,"n":1}`,
		},
		"a roll-up beside data": {
			`{"data":{"A":{"n":1}},"$$ROLLUP":{"n":1}}`, Keys{1, []string{"x"}},
			`x|{"x":"A","n":1}|{"x":"$$ROLLUP","n":1}`,
		},
		"a roll-up of nothing": {
			`{"data":{"$$ROLLUP":{"n":0}}}`, Keys{2, []string{"x", "y"}},
			`x,y|{"x":"$$ROLLUP","y":null,"n":0}`,
		},
		"only a roll-up beside data": {
			`{"data":{},"$$ROLLUP":{"n":0}}`, Keys{1, []string{"x"}},
			`x|{"x":"$$ROLLUP","n":0}`,
		},
		"no level more than there are": {
			`{"data":{"A":{"B":{"n":1}}}}`, Keys{3, []string{"x", "y", "z"}},
			`x,y,z|{"x":"A","y":"B","z":null,"n":1}`,
		},
		"an empty group": {
			`{"data":{"A":{},"B":{"n":1}}}`, Keys{2, []string{"x", "y"}},
			`x,y|{"x":"A","y":null}|{"x":"B","y":null,"n":1}`,
		},
		"objects in rows": {
			`{"data":{"A":{"o":{"p":1}}}}`, Keys{1, []string{"x"}},
			`x|{"x":"A","o":{"p":1}}`,
		},
		"levels unknown": {
			`{"data":{"A":{"B":{"n":1}},"C":{"D":{"n":2}},"$$ROLLUP":{"n":3}}}`, Keys{Levels: AnyLevels},
			`key,key_2|{"key":"A","key_2":"B","n":1}|{"key":"C","key_2":"D","n":2}|{"key":"$$ROLLUP","key_2":null,"n":3}`,
		},
		"a map": {
			`{"data":{"a1":{"ID":"a1","owner":{"ID":"u1"}},"a2":{"ID":"a2","owner":{"ID":"u2"}}}}`, Keys{Levels: 1},
			`key|{"key":"a1","ID":"a1","owner":{"ID":"u1"}}|{"key":"a2","ID":"a2","owner":{"ID":"u2"}}`,
		},
		"a map of nothing but references": {
			`{"data":{"a1":{"owner":{"ID":"u1"}}}}`, Keys{Levels: 1}, `key|{"key":"a1","owner":{"ID":"u1"}}`,
		},
		"it looks like a map": {
			`{"data":{"a1":{"owner":{"ID":"u1"}},"a2":{"owner":{"ID":"u2"}}}}`, Keys{},
			`key|{"key":"a1","owner":{"ID":"u1"}}|{"key":"a2","owner":{"ID":"u2"}}`,
		},
		"a name that is taken": {
			`{"data":{"a":{"key":"mine","key_2":1}}}`, Keys{Levels: 1}, `key_3|{"key_3":"a","key":"mine","key_2":1}`,
		},
		"a group called count": {
			`{"data":{"count":{"n":1}}}`, Keys{1, []string{"x"}}, `x|{"x":"count","n":1}`,
		},
		"no group":         {`{"data":{}}`, Keys{1, []string{"x"}}, ``},
		"a name in quotes": {`{"data":{"A":{"n":1}}}`, Keys{1, []string{`DE:"é"`}}, `DE:"é"|{"DE:\"é\"":"A","n":1}`},
	} {
		answer, err := Rows([]byte(test.body), test.keys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := strings.Join(answer.Keys, ",")
		for _, row := range answer.Rows {
			got += "|" + string(row)
		}
		if got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, test.want)
		}
	}
}

// A report whose rows repeat their group, as Workfront sends it, in the formats of rows.
func TestReportInEachFormat(t *testing.T) {
	t.Parallel()
	body := `{"data": {"CPL": {"dcount_ID": 1, "status": "CPL"}, "CPL:A": {"dcount_ID": 4, "status": "CPL:A"}, "NEW": {"dcount_ID": 117, "status": "NEW"}}}`
	answer, err := Rows([]byte(body), Keys{1, []string{"status"}})
	if err != nil {
		t.Fatal(err)
	}
	for format, want := range map[Format]string{
		CSV:    "status,dcount_ID\r\nCPL,1\r\nCPL:A,4\r\nNEW,117\r\n",
		TSV:    "status\tdcount_ID\nCPL\t1\nCPL:A\t4\nNEW\t117\n",
		Table:  "status  dcount_ID\nCPL             1\nCPL:A           4\nNEW           117\n",
		NDJSON: `{"status":"CPL","dcount_ID":1}` + "\n" + `{"status":"CPL:A","dcount_ID":4}` + "\n" + `{"status":"NEW","dcount_ID":117}` + "\n",
		YAML:   "data:\n- status: CPL\n  dcount_ID: 1\n- status: CPL:A\n  dcount_ID: 4\n- status: NEW\n  dcount_ID: 117\n",
	} {
		got, _ := write(t, format, Options{Keys: answer.Keys}, answer.Rows)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", format, diff)
		}
	}
	// Fields that are named come after the groups.
	if got, _ := write(t, CSV, Options{Keys: answer.Keys, Fields: []string{"dcount_ID", "status", "x"}}, answer.Rows); !strings.HasPrefix(got, "status,dcount_ID,x\r\n") {
		t.Errorf("got %q", got)
	}
}
