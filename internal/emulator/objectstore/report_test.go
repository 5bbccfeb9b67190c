package objectstore_test

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	store, project := fixture(t)
	got := ask(store, "GET", "task/report?projectID="+project+"&status_GroupBy=true&ID_AggFunc=dcount&percentComplete_AggFunc=sum&$$ROLLUP=true", "")
	want := `{"data":{"CPL":{"dcount_ID":1,"sum_percentComplete":100,"status":"CPL"},` +
		`"INP":{"dcount_ID":1,"sum_percentComplete":12.5,"status":"INP"},` +
		`"NEW":{"dcount_ID":2,"sum_percentComplete":50,"status":"NEW"},` +
		`"$$ROLLUP":{"dcount_ID":4,"sum_percentComplete":162.5}}}`
	if got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	got = ask(store, "GET", "task/report?projectID="+project+"&status=NEW&status_1_GroupBy=true&priority_2_GroupBy=true&name_AggFunc=max&priority_AggFunc=min&priority_AggFunc=avg&ID_AggFunc=count&plannedStartDate_AggFunc=min", "")
	want = `{"data":{"NEW":{"1":{"max_name":"Alpha","min_priority":1,"avg_priority":1,"count_ID":1,"min_plannedStartDate":"2026-06-14T23:30:00:000-0700","status":"NEW","priority":1},` +
		`"null":{"max_name":"Alphabet","min_priority":null,"avg_priority":null,"count_ID":1,"min_plannedStartDate":"2026-06-16T00:00:00:000-0700","status":"NEW","priority":null}}}}`
	if got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	// The numbers say which level is which, and each level has its roll-up.
	got = ask(store, "GET", "task/report?projectID="+project+"&status=NEW&priority_2_GroupBy=true&status_1_GroupBy=true&ID_AggFunc=count&$$ROLLUP=true", "")
	want = `{"data":{"NEW":{"1":{"count_ID":1,"status":"NEW","priority":1},"null":{"count_ID":1,"status":"NEW","priority":null},` +
		`"$$ROLLUP":{"count_ID":2}},"$$ROLLUP":{"count_ID":2}}}`
	if got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	if got := ask(store, "GET", "task/report?status=none&status_GroupBy=true&$$ROLLUP=true&ID_AggFunc=count", ""); got.body != `{"data":{"$$ROLLUP":{"count_ID":0}}}` {
		t.Errorf("of nothing: %s", got.body)
	}
}

// Levels go by their numbers, and with a roll-up every level has one.
func TestReportLevels(t *testing.T) {
	t.Parallel()
	store, project := fixture(t)
	got := ask(store, "GET", "task/report?projectID="+project+"&priority_2_GroupBy=true&status_1_GroupBy=true&$$ROLLUP=true&percentComplete_AggFunc=sum&status_3_GroupBy=false", "")
	want := `{"data":{"CPL":{"3":{"sum_percentComplete":100,"status":"CPL","priority":3},"$$ROLLUP":{"sum_percentComplete":100}},` +
		`"INP":{"2":{"sum_percentComplete":12.5,"status":"INP","priority":2},"$$ROLLUP":{"sum_percentComplete":12.5}},` +
		`"NEW":{"1":{"sum_percentComplete":0,"status":"NEW","priority":1},"null":{"sum_percentComplete":50,"status":"NEW","priority":null},"$$ROLLUP":{"sum_percentComplete":50}},` +
		`"$$ROLLUP":{"sum_percentComplete":162.5}}}`
	if got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	got = ask(store, "GET", "task/report?projectID="+project+"&project:name_GroupBy=true&priority_AggFunc=var&listOptions="+`{"percentComplete_AggFunc":"dsum"}`, "")
	if want := `{"data":{"Canary":{"var_priority":1,"dsum_percentComplete":162.5,"project:name":"Canary"}}}`; got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	for function, want := range map[string]string{"std": "1", "avg": "2", "min": "1", "max": "3", "count": "3", "dcount": "3", "davg": "2", "dmax": "3"} {
		got := ask(store, "GET", "task/report?projectID="+project+"&projectID_GroupBy=true&priority_AggFunc="+function, "")
		if part := `"` + function + `_priority":` + want + ","; !strings.Contains(got.body, part) {
			t.Errorf("%s: no %s in %s", function, part, got.body)
		}
	}
}
