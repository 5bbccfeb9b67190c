package workfront

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkPage reads a full page of rows of about 560 bytes.
func BenchmarkPage(b *testing.B) {
	var body bytes.Buffer
	body.WriteString(`{"data":[`)
	for i := range MaxPageSize {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"ID":"%032x","name":"Road works, phase %d","objCode":"TASK","percentComplete":1%02d.50,`+
			`"plannedCompletionDate":"2027-03-24T17:00:00:000+0400","status":"INP","priority":2,"description":`+
			`"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor \"incididunt\" ut labore et dolore magna aliqua.\n`+
			`Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris.","condition":null,"workRequired":1%06d.00,`+
			`"owner":{"ID":"%032x","name":"Ann Müller","objCode":"USER"},"tags":["a","b"]}`, i, i, i%100, i*7, i%50)
	}
	body.WriteString("]}")
	p := page{body: body.Bytes()}
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if err := p.parse(); err != nil {
			b.Fatal(err)
		}
	}
}
