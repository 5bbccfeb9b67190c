package output

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/go-json-experiment/json/jsontext"
)

func drawn(t interface{ Fatal(...any) }, o Options, rows ...string) (text string, err error) {
	var out bytes.Buffer
	w, err := NewRowWriter(&out, Chart, o)
	if err != nil {
		t.Fatal(err)
	}
	if err = w.Page(values(rows...)); err == nil {
		err = w.Close()
	}
	return out.String(), err
}

func TestChart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o    Options
		rows []string
		want string
	}{
		"one aggregate": {
			Options{Keys: []string{"status"}, Width: 30},
			[]string{`{"status":"CUR","sum_hours":8}`, `{"status":"PLN","sum_hours":4.50}`, `{"status":"DED","sum_hours":0}`},
			"sum_hours by status\n" +
				"CUR  ███████████████████     8\n" +
				"PLN  ██████████▌          4.50\n" +
				"DED                          0\n",
		},
		"money is text, null has no bar, wide labels": {
			Options{Keys: []string{"name"}, Width: 30},
			[]string{`{"name":"製品","sum_budget":"100.00"}`, `{"name":"Größe","sum_budget":"50.00"}`, `{"name":"x","sum_budget":null}`},
			"sum_budget by name\n" +
				"製品   ███████████████  100.00\n" +
				"Größe  ███████▌          50.00\n" +
				"x\n",
		},
		"negative": {
			Options{Keys: []string{"k"}, Width: 30},
			[]string{`{"k":"a","n":-10}`, `{"k":"b","n":10}`, `{"k":"c","n":-1}`},
			"n by k\n" +
				"a   ██████████│            -10\n" +
				"b             │██████████   10\n" +
				"c            █│             -1\n",
		},
		"all negative": {
			Options{Keys: []string{"k"}, Width: 20},
			[]string{`{"k":"a","n":-4}`, `{"k":"b","n":-1}`},
			"n by k\n" +
				"a  ████████████│  -4\n" +
				"b           ███│  -1\n",
		},
		"several aggregates, several groups, a sum of all": {
			Options{Keys: []string{"g", "h"}, Width: 30},
			[]string{`{"g":"a","h":"x","n":2,"m":1}`, `{"g":"$$ROLLUP","h":null,"n":200,"m":1}`},
			"n by g / h\n" +
				"a / x     ███████████████    2\n" +
				"$$ROLLUP                   200\n" +
				"\nm by g / h\n" +
				"a / x     █████████████████  1\n" +
				"$$ROLLUP                     1\n",
		},
		"little is something": {
			Options{Keys: []string{"k"}, Width: 20},
			[]string{`{"k":"a","n":100000}`, `{"k":"b","n":1}`},
			"n by k\n" +
				"a  █████████  100000\n" +
				"b  ▌               1\n",
		},
		"no rows": {Options{}, nil, ""},
	} {
		got, err := drawn(t, test.o, test.rows...)
		if err != nil || got != test.want {
			t.Errorf("%s: %v\n%swant\n%s", name, err, got, test.want)
		}
	}
	if _, err := drawn(t, Options{Keys: []string{"k"}}, `{"k":"a","max_date":"2026-01-01"}`); message(err) != "there are no numbers to draw" {
		t.Errorf("no numbers: %v", err)
	}
	if _, err := drawn(t, Options{}, `1`); err == nil {
		t.Error("a row that is no object is drawn")
	}
	colored, err := drawn(t, Options{Keys: []string{"k"}, Width: 20, Color: true}, `{"k":"a","n":-1}`, `{"k":"b","n":1}`)
	if err != nil || strings.Count(colored, minusColor) != 1 || strings.Count(colored, barColor) != 1 || strings.Count(colored, plainColor) != 2 {
		t.Errorf("%v, %q", err, colored)
	}
}

// Whatever the numbers and labels, no line is wider than asked for, nothing is coloured unasked, and more is never a shorter bar.
func TestChartFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom([]int{24, 40, 60, 120}).Draw(t, "width")
		numbers := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64Range(-1<<60, 1<<60)), 1, 20).Draw(t, "numbers")
		var rows []string
		for _, n := range numbers {
			label, _ := jsontext.AppendQuote(nil, rapid.StringOfN(rapid.SampledFrom([]rune("aZ 9é製👍\u0301\t\n\x1b")), 0, 60, -1).Draw(t, "label"))
			rows = append(rows, fmt.Sprintf(`{"k":%s,"n":%d}`, label, n))
		}
		text, err := drawn(t, Options{Keys: []string{"k"}, Width: width, Line: func(s string) string { return strings.Map(visibleOnly, s) }}, rows...)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if err != nil || len(lines) != len(numbers)+1 {
			t.Fatalf("%v, %d lines:\n%s", err, len(lines), text)
		}
		for i, line := range lines {
			if textWidth(line) > width || strings.Contains(line, "\x1b") {
				t.Fatalf("line %d is %d wide, not %d:\n%s", i, textWidth(line), width, text)
			}
		}
		bar := func(i int) int {
			before, after, _ := strings.Cut(lines[i+1], chartsZero)
			if !strings.Contains(lines[i+1], chartsZero) {
				before, after = "", lines[i+1]
			}
			halves := func(s string) int {
				return 2*strings.Count(s, fullBlock) + strings.Count(s, leftHalf) + strings.Count(s, rightHalf)
			}
			return halves(after) - halves(before)
		}
		for i := range numbers {
			for j := range numbers {
				if numbers[i] < numbers[j] && bar(i) > bar(j) || size(numbers[i]) < size(numbers[j]) && size(bar(i)) > size(bar(j)) {
					t.Fatalf("%d has %d and %d has %d:\n%s", numbers[i], bar(i), numbers[j], bar(j), text)
				}
			}
		}
	})
}

func size[N int | int64](n N) N {
	return max(n, -n)
}

func visibleOnly(r rune) rune {
	if r < ' ' {
		return -1
	}
	return r
}
