package output

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestISODates(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"2017-03-08T17:00:00:000+0400"`: `"2017-03-08T17:00:00+04:00"`,
		`"2017-03-08T17:00:00:123+0400"`: `"2017-03-08T17:00:00.123+04:00"`,
		`"2017-03-08T17:00:00:120-0730"`: `"2017-03-08T17:00:00.120-07:30"`,
		`"2017-03-08T17:00:00.562-0600"`: `"2017-03-08T17:00:00.562-06:00"`, // of an event
		`"2017-03-08T17:00:00:000+0000"`: `"2017-03-08T17:00:00Z"`,
		`"2017-03-08T17:00:00:001Z"`:     `"2017-03-08T17:00:00.001Z"`,
		`{"a":["2017-03-08T17:00:00:000+0400" , {"b":"2017-03-08T17:00:00:000+0400"}],"n":1.50}`: `{"a":["2017-03-08T17:00:00+04:00" , {"b":"2017-03-08T17:00:00+04:00"}],"n":1.50}`,
		`{"2017-03-08T17:00:00:000+0400":{"sum":1}}`:                                             `{"2017-03-08T17:00:00+04:00":{"sum":1}}`, // a report's group
	} {
		if got := string(AppendISODates(nil, []byte(in))); got != want {
			t.Errorf("%s\nis   %s\nwant %s", in, got, want)
		}
	}
	for _, same := range []string{
		``, `"`, `"\`, `""`, `"2017-03-08T17:00:00.123Z"`, `"2017-03-08T17:00:00+04:00"`, `"2017-03-08"`, `"2017-03-08T17:00:00:000"`,
		`"due 2017-03-08T17:00:00:000+0400"`, `"2017-03-08T17:00:00:000+0400 at the latest"`, `"2017-03-08T17:00:00:000+04000"`,
		`"say \"2017-03-08T17:00:00:000+0400"`, `"\"2017-03-08T17:00:00:000+0400\""`, `["\\","2017-03-08 17:00:00:000+0400"]`,
		`"2017-13-08T17:00:00:000+0400"`, `"2017-00-08T17:00:00:000+0400"`, `"2017-03-32T17:00:00:000+0400"`, `"2017-03-08T24:00:00:000+0400"`,
		`"2017-03-08T17:60:00:000+0400"`, `"2017-03-08T17:00:61:000+0400"`, `"2017-03-08T17:00:00:000+2400"`, `"2017-03-08T17:00:00:000+0460"`,
		`"2017-03-08T17:00:00:000*0400"`, `"2017-03-08T17:00:00:000+`, `"2017-03-08T17:00:00:000+0400`, `"2017-03-08T17:00:00:000Z`, `"2o17-03-08T17:00:00:000+0400"`,
	} {
		if got := string(AppendISODates(nil, []byte(same))); got != same {
			t.Errorf("%s has become %s", same, got)
		}
	}
}

// inPieces writes parts of a document one by one.
func inPieces(t rapid.TB, parts ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := ISODatesWriter(&out)
	for _, part := range parts {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("%d of %d bytes, %v", n, len(part), err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A document that arrives in pieces, cut anywhere, comes out as in one.
func TestISODatesWriter(t *testing.T) {
	t.Parallel()
	const whole = `{"a\\":"2017-03-08T17:00:00:123+0400","b":"it was due at the very latest, they say, on \"2017-03-08T17:00:00:000+0400","c":"2017-03-08T17:00:00:000+0400"}`
	for i := range len(whole) {
		if got, want := inPieces(t, whole[:i], whole[i:]), string(AppendISODates(nil, []byte(whole))); got != want {
			t.Errorf("cut at %d: %s", i, got)
		}
	}
	part := rapid.SampledFrom([]string{
		`"2017-03-08T17:00:00:000+0400"`, `"2017-03-08T17:00:00:123+0400"`, `"\"2017-03-08T17:00:00:000+0400"`, `"\\\"2017-03-08T17:00:00:000+0400"`,
		`"a\\"`, `,`, `"`, `\`, `{"a":`, `1.50`, `"2017-03`, "\n",
	})
	rapid.Check(t, func(rt *rapid.T) {
		document := strings.Join(rapid.SliceOf(part).Draw(rt, "document"), "")
		var parts []string
		for rest := document; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "n")
			parts, rest = append(parts, rest[:n]), rest[n:]
		}
		if got, want := inPieces(rt, parts...), string(AppendISODates(nil, []byte(document))); got != want {
			rt.Errorf("%s\nin pieces %s\nin one    %s", document, got, want)
		}
	})
}

// Every date is the same instant as before, and one that Go reads.
func TestISODatesKeepTheInstant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		offset := rapid.IntRange(-23*60, 23*60).Draw(rt, "offset")
		zone := time.FixedZone("", 60*offset)
		want := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(rt, "ms")).In(zone)
		sent := strings.Replace(want.Format(`"2006-01-02T15:04:05.000-0700"`), ".", ":", 1)
		got, err := time.Parse(`"`+time.RFC3339+`"`, string(AppendISODates(nil, []byte(sent))))
		if err != nil || !got.Equal(want) {
			rt.Errorf("%s is %v, %v", sent, got, err)
		}
	})
}

func TestISODatesOfRows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w, err := NewRowWriter(&out, CSV, Options{Fields: []string{"d", "o:d"}})
	if err != nil {
		t.Fatal(err)
	}
	w = ISODates(w)
	rows := values(`{"d":"2017-03-08T17:00:00:123+0400"}`, `{"d":null,"o":{"d":"2017-03-08T17:00:00:000+0400"}}`)
	for _, page := range [][]int{{0, 1}, {1}} {
		page := rows[page[0]:]
		if err := w.Page(page); err != nil {
			t.Fatal(err)
		}
	}
	if want := "d,o:d\r\n2017-03-08T17:00:00.123+04:00,\r\n,2017-03-08T17:00:00+04:00\r\n,2017-03-08T17:00:00+04:00\r\n"; out.String() != want || w.Written() != 3 {
		t.Errorf("got %q, %d rows, want %q", out.String(), w.Written(), want)
	}
	if string(rows[0]) != `{"d":"2017-03-08T17:00:00:123+0400"}` {
		t.Errorf("the caller's row was changed: %s", rows[0])
	}
}

// jq's own fromdate reads what is made of any date of Workfront's.
func TestFromDate(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"2017-03-08T17:00:00:000+0400": "1488978000\n",
		"2017-03-08T17:00:00:123+0400": "1488978000.123\n",
		"2017-03-08T13:00:00:000+0000": "1488978000\n",
		"2017-03-08T13:00:00Z":         "1488978000\n",
		"2017-03-08T17:00:00+0400":     "1488978000\n",
	} {
		for _, program := range []string{".d|fromdate", ".d|fromdateiso8601", ".|[.d]|map(fromdate)[0]"} {
			p, err := CompileJQ(program)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := p.Run(t.Context(), &out, AppendISODates(nil, []byte(`{"d":"`+sent+`"}`))); err != nil || out.String() != want {
				t.Errorf("%s of %s: %q, %v", program, sent, out.String(), err)
			}
		}
	}
	for program, want := range map[string]string{
		`.d|fromdate`:                    `jq: fromdate cannot read "2017-03-08T17:00:00:000+0400" as a date; Workfront's own are readable with --dates iso`,
		`1|fromdate`:                     "jq: fromdate wants a text",
		`def fromdate: "mine"; fromdate`: "",
	} {
		p, err := CompileJQ(program)
		if err != nil {
			t.Fatal(err)
		}
		if got := message(p.Run(t.Context(), &bytes.Buffer{}, []byte(`{"d":"2017-03-08T17:00:00:000+0400"}`))); got != want {
			t.Errorf("%s: %q, want %q", program, got, want)
		}
	}
}
