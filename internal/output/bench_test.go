package output

import (
	"fmt"
	"io"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// projects returns rows as Workfront sends them, about 550 bytes each.
func projects(n int) []jsontext.Value {
	rows := make([]jsontext.Value, n)
	for i := range rows {
		rows[i] = fmt.Appendf(nil, `{"ID":"%032x","name":"Road works, phase %d","objCode":"PROJ","percentComplete":%d.50,`+
			`"plannedCompletionDate":"2027-03-24T17:00:00:000+0400","status":"CUR","priority":2,"description":`+
			`"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor \"incididunt\" ut labore et dolore magna aliqua.\n`+
			`Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris.","condition":null,"budget":"%d.00",`+
			`"owner":{"ID":"%032x","name":"Ann Müller","objCode":"USER"},"tags":["a","b"]}`, i, i, i%100, i*7, i%50)
	}
	return rows
}

func BenchmarkRows(b *testing.B) {
	const page = 2000
	rows := projects(page)
	size := 0
	for _, row := range rows {
		size += len(row)
	}
	for _, format := range Formats() {
		for name, fields := range map[string][]string{"all": nil, "fields": {"ID", "name", "owner:name"}} {
			if fields != nil && format != CSV {
				continue
			}
			b.Run(string(format)+"/"+name, func(b *testing.B) {
				waits := fields == nil && (format == CSV || format == TSV || format == Table)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				var w RowWriter
				for n := 0; b.Loop(); n++ {
					if w == nil {
						var err error
						if w, err = NewRowWriter(io.Discard, format, Options{Fields: fields}); err != nil {
							b.Fatal(err)
						}
					}
					if err := w.Page(rows); err != nil {
						b.Fatal(err)
					}
					if waits && n%10 == 9 { // a list of ten pages
						if err := w.Close(); err != nil {
							b.Fatal(err)
						}
						w = nil
					}
				}
				b.ReportMetric(page*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
