package bulk

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readTable(text string, comma byte) (rows [][]string, err error) {
	m := &meter{r: strings.NewReader(text)}
	t := &table{r: bufio.NewReader(m), meter: m, line: 1, comma: comma}
	for {
		_, cells, err := t.next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, cells)
	}
}

// What encoding/csv reads is read the same, but for a CRLF in quotes, which it makes LF.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\"\"b\",\"c\nd\"\r\n", "a\n\n\nb", "\"", "a\"b", "\"a\"b", ",,\n,", "\"\r\n\",x"} {
		f.Add(seed, true)
		f.Add(strings.ReplaceAll(seed, ",", ";"), false)
	}
	f.Fuzz(func(t *testing.T, text string, comma bool) {
		separator := byte(';')
		if comma {
			separator = ','
		}
		got, err := readTable(text, separator)
		if rest := strings.ReplaceAll(text, "\r\n", ""); strings.Contains(rest, "\r") {
			return // ends a line here, and is text there
		}
		std := csv.NewReader(strings.NewReader(text))
		std.FieldsPerRecord = -1
		std.Comma = rune(separator)
		want, wrong := std.ReadAll()
		if (err == nil) != (wrong == nil) {
			t.Fatalf("%v, and encoding/csv says %v", err, wrong)
		}
		if err != nil {
			return
		}
		for _, row := range got {
			for i := range row {
				row[i] = strings.ReplaceAll(row[i], "\r\n", "\n")
			}
		}
		if len(got) > 0 || len(want) > 0 {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// Whatever a file holds, the check ends, and what it lets through is read a second time as the first.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"name,n\na,1\n", "[{\"n\":1}]", "{\"name\":\"a\"}\n{}", "\ufeffn;name\n1;\"x\n\"", "\xff\xfe", "ID\n" + idA} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, rules := range []Rules{fieldRules(Create, ""), fieldRules(Upsert, "key"), fieldRules(Update, ""), fieldRules(Delete, "")} {
			in := input(t, text)
			s, err := Check(t.Context(), in, rules)
			if err != nil {
				if _, ok := errors.AsType[*Faults](err); !ok {
					t.Fatalf("%T %v", err, err)
				}
				continue
			}
			n := 0
			for _, err := range s.All(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n != s.Rows {
				t.Errorf("%d rows, and then %d", s.Rows, n)
			}
		}
	})
}
